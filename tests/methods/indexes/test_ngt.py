"""NGT: hits and scores against exact search, and its counter against what a search must score."""

from pathlib import Path

import numpy as np
import pytest

from methods.base import Resources
from methods.errors import InputError
from methods.indexes.exact import ExactIndex
from methods.indexes.ngt import STEPS, NgtIndex, NgtSettings
from methods.settings import NoSettings
from tests.methods.pairs import unit_vectors

K = 10
SEEDS = 10
"""Documents from which NGT starts a search, and whose distances its counter leaves out."""

pytest.importorskip("ngtpy")


def built(vectors: np.ndarray, resources: Resources) -> NgtIndex:
    index = NgtIndex(NgtSettings(), resources)
    index.build(vectors, 0, None)
    return index


def loaded(folder: Path, vectors: np.ndarray, resources: Resources) -> NgtIndex:
    index = NgtIndex(NgtSettings(), resources)
    index.load(folder, vectors)
    return index


@pytest.fixture(scope="module")
def many() -> np.ndarray:
    return unit_vectors(0, 3000)


@pytest.fixture(scope="module")
def queries() -> np.ndarray:
    return unit_vectors(1, 40)


def test_the_full_effort_equals_exact_search(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources
):
    exact = ExactIndex(NoSettings(), resources)
    exact.build(vectors, 0, None)
    index = built(vectors, resources)
    assert index.efforts(K) == range(1, STEPS + 1)
    hits, expected = index.search(queries, 15, STEPS), exact.search(queries, 15, 1)
    assert np.array_equal(hits.ids, expected.ids)
    assert hits.ids.dtype == np.int64 and hits.scores.dtype == np.float32


def test_scores_are_minus_ngts_distance_and_rank_as_inner_products_do(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources
):
    longer = vectors * np.linspace(1, 3, len(vectors), dtype=np.float32)[:, None]
    hits = built(longer, resources).search(2 * queries, 15, STEPS)
    products = 2 * queries @ longer.T
    assert np.array_equal(hits.ids, np.argsort(-products, axis=1)[:, :15])
    found = np.take_along_axis(products, hits.ids, axis=1)
    # NGT makes all documents as long as the longest, in another dimension, which queries lack.
    assert np.allclose(hits.scores, -np.sqrt(3**2 + 2**2 - 2 * found), atol=1e-4)


def test_hits_after_the_last_document_are_padding(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources
):
    for some in (queries[:2], queries[:1]):
        hits = built(vectors, resources).search(some, 250, STEPS)
        assert hits.ids.shape == hits.scores.shape == (len(some), 250)
        assert all(sorted(row) == list(range(200)) for row in hits.ids[:, :200].tolist())
        assert (hits.ids[:, 200:] == -1).all() and np.isneginf(hits.scores[:, 200:]).all()


def test_a_query_finds_the_same_alone_and_in_a_batch_at_every_effort(
    many: np.ndarray, queries: np.ndarray, resources: Resources
):
    index = built(many, resources)
    for effort in (1, 31, 1, 11):  # in a batch, NGT keeps the epsilon that it was given last
        together = index.search(queries, K, effort)
        alone = [index.search(query[None], K, effort) for query in queries]
        assert np.array_equal(together.ids, np.concatenate([hits.ids for hits in alone]))
        assert np.array_equal(together.scores, np.concatenate([hits.scores for hits in alone]))


def test_a_loaded_index_has_the_same_hits_and_costs(
    many: np.ndarray, queries: np.ndarray, resources: Resources, tmp_path: Path
):
    index = built(many, resources)
    (tmp_path / "draft").mkdir()
    index.save(tmp_path / "draft")
    (tmp_path / "draft").rename(tmp_path / "done")
    moved = loaded(tmp_path / "done", many, resources)
    for effort in (1, 11, 31):
        hits, again = (each.search(queries, K, effort) for each in (index, moved))
        assert np.array_equal(hits.ids, again.ids) and np.array_equal(hits.scores, again.scores)
        cost, recounted = (each.cost(queries, K, effort) for each in (index, moved))
        assert np.array_equal(cost.visited, recounted.visited)


@pytest.mark.parametrize("count", [8, 15, 3000])
def test_a_search_for_everything_counts_each_document_once_but_the_seeds(
    count: int, many: np.ndarray, queries: np.ndarray, resources: Resources
):
    index = built(many[:count], resources)
    assert (index.search(queries, count, STEPS).ids >= 0).all()
    cost = index.cost(queries, count, STEPS)
    assert (cost.visited == max(0, count - SEEDS)).all()
    assert np.array_equal(cost.scan_macs, cost.visited * many.shape[1])
    assert (cost.route_macs == 0).all()


def test_more_effort_visits_more_and_finds_more(
    many: np.ndarray, queries: np.ndarray, resources: Resources
):
    index, best = built(many, resources), np.argsort(-(queries @ many.T), axis=1)[:, :K]
    visited, found = [], []
    for effort in (1, 6, 11, 21, 41, STEPS):
        visited.append(index.cost(queries, K, effort).visited)
        ids = index.search(queries, K, effort).ids
        found.append(np.mean([np.isin(*pair).mean() for pair in zip(best, ids, strict=True)]))
    assert (np.diff(visited, axis=0) >= 0).all()
    assert visited[0].mean() < 100 < 500 < visited[-1].mean() < 3000
    assert found == sorted(found) and found[0] < 0.95 and found[-1] == 1


@pytest.mark.parametrize("is_loaded", [False, True])
def test_changed_documents_are_found_like_the_others_and_saved(
    is_loaded: bool, vectors: np.ndarray, queries: np.ndarray, resources: Resources, tmp_path: Path
):
    first, added, changed = (tmp_path / name for name in ("first", "added", "changed"))
    for folder in (first, added, changed):
        folder.mkdir()
    index = built(vectors[:150], resources)
    index.save(first)
    if is_loaded:
        index = loaded(first, vectors, resources)
    index.add(np.arange(150, 160), vectors[150:160])
    index.add(np.arange(160, 200), vectors[160:])
    index.save(added)
    more = loaded(added, vectors, resources).search(queries, 200, STEPS).ids
    assert np.array_equal(np.unique(more), np.arange(200))
    removed = np.array([3, 149, 150, 199])
    index.remove(removed)
    scores = queries @ vectors.T
    scores[:, removed] = -np.inf
    best = np.argsort(-scores, axis=1)
    assert np.array_equal(index.search(queries, K, STEPS).ids, best[:, :K])
    everything = index.search(queries, 200, STEPS).ids
    assert np.array_equal(np.sort(everything)[:, 4:], np.sort(best[:, :196]))
    assert (index.cost(queries, 200, STEPS).visited == 196 - SEEDS).all()

    index.save(changed)
    again = loaded(changed, vectors, resources)
    assert np.array_equal(again.search(queries, K, STEPS).ids, best[:, :K])
    again.add(np.array([200]), vectors[3:4])  # a removed document's id is not used again
    assert again.search(vectors[3:4], 1, STEPS).ids == 200
    before = loaded(first, vectors, resources).search(queries, 200, STEPS).ids
    assert np.array_equal(np.unique(before), np.arange(-1, 150))


def test_changes_that_are_not_valid_change_nothing(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources
):
    index = built(vectors[:150], resources)
    for wrong in ([151], [0], [151, 150]):
        with pytest.raises(InputError, match="give new ones the ids from 150 on, in order"):
            index.add(np.array(wrong), vectors[: len(wrong)])
    with pytest.raises(InputError, match="vectors of shape"):
        index.add(np.array([150]), vectors[:1, 1:])
    with pytest.raises(InputError, match=r"a new document has length 1\.1, .* build ngt again"):
        index.add(np.array([150]), np.float32(1.1) * vectors[150:151])
    for wrong in ([0, 150], [0, 10**9], [0, 0]):
        with pytest.raises(InputError, match=r"is not in the index|duplicate id"):
            index.remove(np.array(wrong))
    assert (index.search(queries, 200, STEPS).ids >= 0).sum(axis=1).tolist() == [150] * 40


def test_a_graph_without_edges_is_rejected():
    with pytest.raises(InputError, match=r"^ngt\.edges is 0; it must be at least 1$"):
        NgtSettings(edges=0)
