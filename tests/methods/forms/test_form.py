"""Every index with every form: exact with all effort, saved, repeated and handed to Faiss."""

from pathlib import Path

import faiss
import numpy as np
import pytest

from methods.base import Array, Index, Resources
from methods.errors import InputError
from tests.methods.pairs import ALL, DOCUMENTS, POSTINGS, K, Pair, rescoring, unit_vectors

all_pairs = pytest.mark.parametrize("pair", ALL, ids=str)


@pytest.fixture(scope="module")
def documents() -> Array:
    return unit_vectors(0, DOCUMENTS)


@pytest.fixture(scope="module")
def queries() -> Array:
    return unit_vectors(1, 30)


def middling(index: Index[Array]) -> int:
    """Return an effort near the least."""
    return index.efforts(K)[3]


def assert_same(index: Index[Array], other: Index[Array], queries: Array) -> None:
    assert index.efforts(K) == other.efforts(K)
    for effort in (index.efforts(K)[0], middling(index)):
        hits, again = (each.search(queries, K, effort) for each in (index, other))
        assert np.array_equal(hits.ids, again.ids) and np.array_equal(hits.scores, again.scores)
        cost, counted = (each.cost(queries, K, effort) for each in (index, other))
        for part in ("visited", "scan_macs", "route_macs"):
            assert np.array_equal(getattr(cost, part), getattr(counted, part))


@all_pairs
def test_rescoring_all_documents_at_the_full_effort_is_exact_search(
    pair: Pair, documents: Array, queries: Array, resources: Resources
):
    index = rescoring(pair, DOCUMENTS * pair.copies).built(documents, resources)
    hits = index.search(queries, K, index.efforts(K)[-1])
    exact = queries @ documents.T
    best = np.argsort(-exact, axis=1)[:, :K]
    assert hits.ids.dtype == np.int64 and hits.scores.dtype == np.float32
    assert np.array_equal(hits.ids, best)
    assert np.allclose(hits.scores, np.take_along_axis(exact, best, axis=1), atol=1e-5)


@all_pairs
def test_a_loaded_index_has_the_same_hits_and_costs(
    pair: Pair, documents: Array, queries: Array, resources: Resources, tmp_path: Path
):
    index = pair.built(documents, resources)
    index.save(tmp_path)
    loaded = pair.unbuilt(resources)
    loaded.use_threads(1)
    loaded.load(tmp_path, documents)
    assert_same(index, loaded, queries)


@all_pairs
def test_on_one_thread_the_seed_determines_the_index(
    pair: Pair, documents: Array, queries: Array, resources: Resources
):
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        first, second = (pair.built(documents, resources, seed=3) for _ in range(2))
        assert_same(first, second, queries)
    finally:
        faiss.omp_set_num_threads(threads)


@pytest.mark.parametrize("pair", POSTINGS, ids=str)
def test_faiss_alone_finds_what_a_search_finds(
    pair: Pair, documents: Array, queries: Array, resources: Resources, tmp_path: Path
):
    index = pair.built(documents, resources)
    if not index.routes_itself:
        if pair.form != "whole":
            with pytest.raises(InputError, match="Faiss cannot search the leaves of this tree"):
                index.to_faiss(K, 3)
        return
    exported = index.to_faiss(K * pair.copies, 3)
    faiss.write_index(exported, str(tmp_path / "index"))
    for library in (exported, faiss.read_index(str(tmp_path / "index"))):
        scores, ids = library.search(queries, K * pair.copies)
        hits = index.search(queries, K, 3)
        for row, (found, theirs) in enumerate(zip(ids, scores, strict=True)):
            distinct = np.sort(np.unique(found, return_index=True)[1])[:K]
            width = len(distinct)
            assert np.array_equal(found[distinct], hits.ids[row, :width])
            reached = found[distinct] >= 0
            assert np.array_equal(theirs[distinct][reached], hits.scores[row, :width][reached])


@pytest.mark.parametrize("rescore", [0, 25])
@pytest.mark.parametrize("form", ["pca", "sq8", "pq of 4 bits", "rabitq"])
def test_a_search_for_more_than_is_rescored_rescores_all_that_it_returns(
    rescore: int, form: str, documents: Array, queries: Array, resources: Resources
):
    index = Pair("ivf", form, rescore).built(documents, resources)
    hits = index.search(queries, 60, 20)
    exact = np.take_along_axis(queries @ documents.T, hits.ids, axis=1)
    assert np.allclose(hits.scores, exact, atol=1e-5) == (rescore > 0)
    cost = index.cost(queries, 60, 20).scan_macs
    assert cost[0] - Pair("ivf", form, 0).built(documents, resources).cost(
        queries, 60, 20
    ).scan_macs[0] == (60 * 16 if rescore else 0)
