"""Documents that are added to an index by a form, or removed from it."""

from pathlib import Path

import numpy as np
import pytest

from methods.base import Array, Resources
from methods.errors import InputError
from tests.methods.pairs import DOCUMENTS, POSTINGS, K, Pair, pairs, rescoring, unit_vectors

FIRST = 260


@pytest.fixture(scope="module")
def documents() -> Array:
    return unit_vectors(0, DOCUMENTS)


@pytest.fixture(scope="module")
def queries() -> Array:
    return unit_vectors(1, 20)


def changes(pair: Pair) -> bool:
    """Whether documents can be added: Faiss rescores them, or nobody does."""
    by_faiss = pair.index != "mixed tree" and not (pair.is_tree and pair.form == "rabitq")
    return by_faiss or pair.form == "whole"


@pytest.mark.parametrize("pair", [pair for pair in POSTINGS if changes(pair)], ids=str)
def test_changed_documents_are_found_and_counted_like_the_others(
    pair: Pair, documents: Array, queries: Array, resources: Resources
):
    pair = rescoring(pair, DOCUMENTS * pair.copies)
    index = pair.built(documents[:FIRST], resources)
    index.cost(queries, K, 1)  # caches counts that changes must invalidate
    index.add(np.arange(FIRST, FIRST + 30), documents[FIRST : FIRST + 30])
    index.add(np.arange(FIRST + 30, DOCUMENTS), documents[FIRST + 30 :])
    removed = np.array([3, 259, 260, 299])
    index.remove(removed)
    scores = queries @ documents.T
    scores[:, removed] = -np.inf
    effort = index.efforts(K)[-1]
    hits = index.search(queries, K, effort)
    assert np.array_equal(hits.ids, np.argsort(-scores, axis=1)[:, :K])
    everything = index.search(queries, DOCUMENTS, effort).ids
    assert ((everything >= 0).sum(axis=1) == DOCUMENTS - len(removed)).all()
    cost = index.cost(queries, K, effort)
    assert (cost.visited == DOCUMENTS - len(removed)).all()
    assert index.posting_sizes().sum() == pair.copies * (DOCUMENTS - len(removed))


@pytest.mark.parametrize("form", ["pca", "sq8", "pq of 4 bits", "pq of 8 bits", "rabitq"])
def test_a_changed_index_is_saved_with_its_changes(
    form: str, documents: Array, queries: Array, resources: Resources, tmp_path: Path
):
    pair = Pair("ivf", form)
    index = pair.built(documents[:FIRST], resources)
    index.add(np.arange(FIRST, DOCUMENTS), documents[FIRST:])
    index.remove(np.arange(10))
    index.save(tmp_path)
    loaded = pair.unbuilt(resources)
    loaded.load(tmp_path, documents)
    for effort in (1, 20):
        hits, again = (each.search(queries, K, effort) for each in (index, loaded))
        assert np.array_equal(hits.ids, again.ids)
    loaded.remove(np.array([20]))
    assert loaded.posting_sizes().sum() == DOCUMENTS - 11


@pytest.mark.parametrize("form", ["pca", "sq8", "pq of 4 bits", "rabitq"])
def test_rescored_documents_are_added_in_order(form: str, documents: Array, resources: Resources):
    index = Pair("ivf", form).built(documents[:FIRST], resources)
    for wrong in ([261], [260, 262], [261, 260], [10**15]):
        with pytest.raises(InputError, match="give new ones the ids from 260 on, in order"):
            index.add(np.array(wrong), documents[: len(wrong)])
    assert index.posting_sizes().sum() == FIRST
    unordered = Pair("ivf", form, rescore=0).built(documents[:FIRST], resources)
    unordered.add(np.array([10**15]), documents[FIRST : FIRST + 1])
    hits = unordered.search(documents[FIRST : FIRST + 1], 20, 20)
    assert 10**15 in hits.ids


GROWING = [pair for pair in pairs("hnsw", "faiss-hnsw") if pair.form in ("whole", "pca")]


@pytest.mark.parametrize("pair", GROWING, ids=str)
@pytest.mark.parametrize("is_loaded", [False, True])
def test_a_graph_with_additions_finds_what_a_rebuilt_one_finds(
    pair: Pair,
    is_loaded: bool,
    documents: Array,
    queries: Array,
    resources: Resources,
    tmp_path: Path,
):
    first = documents[:FIRST].copy()  # not next to the others in memory
    index, rebuilt = (pair.built(part, resources) for part in (first, documents))
    index.cost(queries, K, FIRST)  # caches the graph
    if is_loaded:
        index.save(tmp_path)
        index = pair.unbuilt(resources)
        index.load(tmp_path, first)
    index.add(np.arange(FIRST, FIRST + 30), documents[FIRST : FIRST + 30])
    index.add(np.arange(FIRST + 30, DOCUMENTS), documents[FIRST + 30 :])
    assert index.efforts(K) == rebuilt.efforts(K)
    hits, expected = (each.search(queries, K, DOCUMENTS) for each in (index, rebuilt))
    assert np.array_equal(hits.ids, expected.ids) and (hits.ids >= FIRST).any()
    costs = [each.cost(queries, K, DOCUMENTS) for each in (index, rebuilt)]
    assert all((cost.visited == DOCUMENTS).all() for cost in costs)
    assert np.array_equal(costs[0].scan_macs, costs[1].scan_macs)
    assert (index.cost(queries, K, 41).visited < DOCUMENTS).all()


@pytest.mark.parametrize("index", ["hnsw", "faiss-hnsw"])
def test_a_graph_takes_new_documents_in_order(index: str, documents: Array, resources: Resources):
    graph = Pair(index, "whole").built(documents[:FIRST], resources)
    for wrong in ([261], [0], [261, 260]):
        with pytest.raises(InputError, match="give new ones the ids from 260 on, in order"):
            graph.add(np.array(wrong), documents[: len(wrong)])
    with pytest.raises(InputError, match="vectors of shape"):
        graph.add(np.array([FIRST]), documents[:1, 1:])
    assert graph.efforts(K)[-1] == FIRST


def test_a_graph_of_codes_takes_no_documents(documents: Array, resources: Resources):
    graph = Pair("faiss-hnsw", "sq8").built(documents[:FIRST], resources)
    with pytest.raises(InputError, match=r"build faiss-hnsw\+sq8 again with them"):
        graph.add(np.arange(FIRST, DOCUMENTS), documents[FIRST:])


REMOVED = np.array([3, 120, 121, 259])


@pytest.mark.parametrize("pair", pairs("hnsw", "faiss-hnsw"), ids=str)
def test_a_graph_does_not_return_what_was_removed(
    pair: Pair, documents: Array, queries: Array, resources: Resources, tmp_path: Path
):
    pair = rescoring(pair, DOCUMENTS)
    index = pair.built(documents, resources)
    index.cost(queries, K, DOCUMENTS)  # caches the graph
    index.remove(REMOVED[:2])
    index.remove(REMOVED[2:])
    index.save(tmp_path)
    loaded = pair.unbuilt(resources)
    loaded.load(tmp_path, documents)
    scores = queries @ documents.T
    scores[:, REMOVED] = -np.inf
    for each in (index, loaded):
        hits = each.search(queries, K, DOCUMENTS)
        assert np.array_equal(hits.ids, np.argsort(-scores, axis=1)[:, :K])
        assert np.allclose(hits.scores, np.take_along_axis(scores, hits.ids, axis=1), atol=1e-5)
        everything = each.search(queries, DOCUMENTS, DOCUMENTS).ids
        assert ((everything >= 0).sum(axis=1) == DOCUMENTS - len(REMOVED)).all()
        assert (each.cost(queries, K, DOCUMENTS).visited == DOCUMENTS).all()  # passed, not returned


@pytest.mark.parametrize("pair", GROWING, ids=str)
def test_documents_are_added_after_others_were_removed(
    pair: Pair, documents: Array, queries: Array, resources: Resources
):
    index = rescoring(pair, DOCUMENTS).built(documents[:FIRST], resources)
    index.remove(REMOVED)
    index.add(np.arange(FIRST, DOCUMENTS), documents[FIRST:])
    scores = queries @ documents.T
    scores[:, REMOVED] = -np.inf
    hits = index.search(queries, K, DOCUMENTS)
    assert np.array_equal(hits.ids, np.argsort(-scores, axis=1)[:, :K])
    with pytest.raises(InputError, match="document 120 is not in the index"):
        index.remove(np.array([4, 120]))
    assert 4 in index.search(documents[4:5], 1, DOCUMENTS).ids


@pytest.mark.parametrize("index", ["hnsw", "faiss-hnsw"])
def test_a_graph_of_which_all_was_removed_returns_nothing(
    index: str, documents: Array, queries: Array, resources: Resources
):
    graph = Pair(index, "whole").built(documents, resources)
    graph.remove(np.arange(DOCUMENTS))
    assert (graph.search(queries, K, 20).ids == -1).all()
