"""A graph that is entered where lists lead, on 2,000 clustered vectors."""

from pathlib import Path
from typing import Literal

import faiss
import numpy as np
import pytest

from methods.base import Array, Resources
from methods.errors import InputError
from methods.indexes.faiss_hnsw import graph_of
from methods.indexes.ivf import IvfSettings
from methods.indexes.started_graph import StartedGraph, StartedGraphSettings
from methods.kept_parts import KeptParts
from methods.registry import method

DOCUMENTS, DIMENSIONS, LISTS, K = 2000, 32, 64, 10
STARTS, BEAM = 4, 8


def clustered(seed: int, count: int) -> Array:
    """Return unit vectors around fifty centres, the same for all seeds."""
    centres = np.random.default_rng(9).standard_normal((50, DIMENSIONS))
    random = np.random.default_rng(seed)
    vectors = centres[random.integers(50, size=count)]
    vectors += 0.8 * random.standard_normal(vectors.shape)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


VECTORS, QUERIES = clustered(0, DOCUMENTS), clustered(1, 40)
NEAREST = np.argsort(-QUERIES @ VECTORS.T, axis=1)[:, :K]


def empty(vectors: Literal["whole", "sq8"] = "whole", resources: Resources | None = None):
    settings = {
        "graph": StartedGraphSettings(beam=BEAM, dimensions_per_block=4, vectors=vectors),
        "ivf": IvfSettings(lists=LISTS),
    }
    return method("ivf+hnsw").new_index(settings, resources or Resources("cpu", Path()))


@pytest.fixture(scope="module")
def whole() -> StartedGraph:
    index = empty()
    index.build(VECTORS, 0, None)
    return index


@pytest.fixture(scope="module")
def coded() -> StartedGraph:
    index = empty("sq8")
    index.build(VECTORS, 0, None)
    return index


def recall(ids: np.ndarray) -> float:
    found = [len(set(a) & set(b)) for a, b in zip(ids.tolist(), NEAREST.tolist(), strict=True)]
    return sum(found) / NEAREST.size


def test_more_candidates_find_more_until_all_are_found(whole: StartedGraph):
    recalls = [recall(whole.search(QUERIES, K, ef).ids) for ef in (1, 4, 10, 100)]
    assert recalls == sorted(recalls) and recalls[0] < 0.8 and recalls[-1] == 1
    assert list(whole.efforts(K))[:2] == [1, 2]


def test_scores_are_inner_products_in_decreasing_order(whole: StartedGraph):
    ids, scores = whole.search(QUERIES, K, 20)
    assert np.allclose(scores, np.take_along_axis(QUERIES @ VECTORS.T, ids, axis=1), atol=1e-6)
    assert (np.diff(scores, axis=1) <= 0).all()


def test_single_queries_find_what_a_batch_finds(whole: StartedGraph):
    together = whole.search(QUERIES, K, 10).ids
    assert np.array_equal(
        together, np.concatenate([whole.search(q[None], K, 10).ids for q in QUERIES])
    )


@pytest.mark.parametrize("ef", [1, 4, 10, 60])
@pytest.mark.parametrize("vectors", ["whole", "sq8"])
def test_the_cost_counts_the_distances_that_faiss_counts(
    vectors: str, ef: int, request: pytest.FixtureRequest
):
    index: StartedGraph = request.getfixturevalue("whole" if vectors == "whole" else "coded")
    faiss.cvar.hnsw_stats.reset()
    index.search(QUERIES, K, ef)
    distances = faiss.cvar.hnsw_stats.ndis
    cost, lists = index.cost(QUERIES, K, ef), index.lists.cost(QUERIES, STARTS, BEAM)
    counted = (cost.scan_macs - lists.scan_macs).sum() / DIMENSIONS
    assert counted == pytest.approx(distances, rel=0.01)  # sums of floats differ in order
    assert np.array_equal(cost.route_macs, lists.route_macs)


def test_a_document_of_lists_and_graph_is_visited_once(whole: StartedGraph):
    in_lists = whole.lists.cost(QUERIES, STARTS, BEAM)
    least, all_of_them = whole.cost(QUERIES, K, 1), whole.cost(QUERIES, K, DOCUMENTS)
    assert (least.visited >= in_lists.visited).all()
    graph = (least.scan_macs - in_lists.scan_macs) // DIMENSIONS
    assert (least.visited < in_lists.visited + graph).any()
    assert (all_of_them.visited == DOCUMENTS).all()


def test_a_query_whose_lists_are_all_empty_enters_the_graph_as_faiss_does():
    index = empty()
    index.build(VECTORS, 0, None)
    query = QUERIES[:1]
    (near,) = index.lists.scanned(query, BEAM)
    index.remove(near)
    hits = index.search(query, K, DOCUMENTS)
    left = np.setdiff1d(np.arange(DOCUMENTS), near)
    best = left[np.argsort(-(VECTORS[left] @ query[0]))[:K]]
    assert np.array_equal(hits.ids[0], best)
    cost, lists = index.cost(query, K, DOCUMENTS), index.lists.cost(query, STARTS, BEAM)
    assert cost.visited[0] == DOCUMENTS and lists.visited[0] == 0
    assert (cost.scan_macs - lists.scan_macs)[0] == DOCUMENTS * DIMENSIONS  # the entry, too


def test_few_documents_have_few_starts():
    settings = {
        "graph": StartedGraphSettings(dimensions_per_block=4, starts=40, rescore=40),
        "ivf": IvfSettings(lists=2),
    }
    index = method("ivf+hnsw").new_index(settings, Resources("cpu", Path()))
    index.build(VECTORS[:20], 0, None)
    hits = index.search(QUERIES[:3], 10, 20)
    assert np.array_equal(hits.ids, np.argsort(-QUERIES[:3] @ VECTORS[:20].T, axis=1)[:, :10])


@pytest.mark.parametrize("vectors", ["whole", "sq8"])
def test_a_loaded_index_finds_the_same(
    vectors: Literal["whole", "sq8"], tmp_path: Path, request: pytest.FixtureRequest
):
    index: StartedGraph = request.getfixturevalue("whole" if vectors == "whole" else "coded")
    index.save(tmp_path)
    loaded = empty(vectors)
    loaded.load(tmp_path, VECTORS)
    for ours, theirs in zip(index.search(QUERIES, K, 7), loaded.search(QUERIES, K, 7), strict=True):
        assert np.array_equal(ours, theirs)


def test_added_documents_are_found():
    index = empty()
    index.build(VECTORS[:1900], 0, None)
    index.add(np.arange(1900, DOCUMENTS), VECTORS[1900:])
    assert recall(index.search(QUERIES, K, 100).ids) == 1
    assert index.posting_sizes().sum() == DOCUMENTS


@pytest.mark.parametrize("vectors", ["whole", "sq8"])
def test_removed_documents_are_passed_but_not_found(
    vectors: Literal["whole", "sq8"], tmp_path: Path
):
    index = empty(vectors)
    index.build(VECTORS, 0, None)
    removed = np.unique(NEAREST[:, ::2])
    index.remove(removed)
    scores = QUERIES @ VECTORS.T
    scores[:, removed] = -np.inf
    index.save(tmp_path)
    loaded = empty(vectors)
    loaded.load(tmp_path, VECTORS)
    for each in (index, loaded):
        ids = each.search(QUERIES, K, DOCUMENTS).ids
        assert not np.isin(ids, removed).any()
        found = [
            len(set(row) & set(best[:K]))
            for row, best in zip(ids.tolist(), np.argsort(-scores, axis=1).tolist(), strict=True)
        ]
        assert sum(found) / ids.size > (0.99 if vectors == "whole" else 0.9)
        assert each.posting_sizes().sum() == DOCUMENTS - len(removed)
    with pytest.raises(InputError, match=f"document {removed[0]} is not in the index"):
        loaded.remove(removed[:1])
    with pytest.raises(InputError, match="build the index again without them"):
        loaded.to_faiss(10)


@pytest.mark.parametrize("ef", [4, 60])
def test_the_cost_past_removed_documents_counts_the_distances_that_faiss_counts(ef: int):
    index = empty()
    index.build(VECTORS, 0, None)
    index.remove(np.unique(NEAREST[:, ::2]))
    faiss.cvar.hnsw_stats.reset()
    index.search(QUERIES, K, ef)
    distances = faiss.cvar.hnsw_stats.ndis
    cost, lists = index.cost(QUERIES, K, ef), index.lists.cost(QUERIES, STARTS, BEAM)
    counted = (cost.scan_macs - lists.scan_macs).sum() / DIMENSIONS
    assert counted == pytest.approx(distances, rel=0.01)


def test_documents_are_added_in_order_and_never_to_a_graph_of_codes(
    whole: StartedGraph, coded: StartedGraph
):
    with pytest.raises(InputError, match=r"--set graph\.vectors=whole"):
        coded.add(np.array([DOCUMENTS]), QUERIES[:1])
    with pytest.raises(InputError, match="ids from 2000 on"):
        whole.add(np.array([5]), QUERIES[:1])


@pytest.mark.parametrize("key", ["beam", "rescore", "starts", "ef_construction"])
def test_settings_that_find_no_start_are_rejected(key: str):
    with pytest.raises(InputError, match=rf"graph\.{key} is 0"):
        StartedGraphSettings(**{key: 0})


def test_graphs_of_the_same_vectors_have_the_same_links(tmp_path: Path):
    parts = KeptParts(tmp_path)
    first, second = (
        empty(form, Resources("cpu", Path(), parts=parts)) for form in ("whole", "sq8")
    )
    first.build(VECTORS, 0, None)
    assert parts.seconds == 0
    second.build(VECTORS, 0, None)
    assert parts.seconds > 0
    links = [graph_of(each.to_faiss(1)[1]).neighbours for each in (first, second)]
    assert all(np.array_equal(links[0](0, node), links[1](0, node)) for node in range(DOCUMENTS))
    again = empty("whole", Resources("cpu", Path(), parts=parts))
    again.build(VECTORS, 0, None)
    assert np.array_equal(again.search(QUERIES, K, 50).ids, first.search(QUERIES, K, 50).ids)
