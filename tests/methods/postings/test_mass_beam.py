"""Which lists are near, by hand and against the scores of all lists."""

import faiss
import numpy as np
import pytest

from methods.base import Array
from methods.forms.form import WHOLE
from methods.forms.layers import Layers
from methods.forms.short import linear_transform
from methods.postings import mass_beam
from methods.postings.coarse_quantizer import ROUTINGS, Routing, coarse_quantizer, routing_macs
from methods.postings.mass_beam import EFFORTS, Ranking, gap_of
from methods.postings.posting_lists import PostingLists
from tests.methods.pairs import unit_vectors

LISTS = 100


def effort_of(gap: float) -> int:
    """Return the first effort with at least this gap."""
    return next(effort for effort in range(1, EFFORTS + 1) if gap_of(effort) >= gap)


def postings(quantizer: faiss.Index) -> PostingLists:
    lists = faiss.IndexIVFFlat(quantizer, 16, LISTS, faiss.METRIC_INNER_PRODUCT)
    return PostingLists(Layers(lists), WHOLE)


@pytest.fixture(scope="module")
def centroids() -> Array:
    return unit_vectors(0, LISTS)


@pytest.fixture(scope="module")
def queries() -> Array:
    return unit_vectors(1, 50)


def test_gaps_begin_with_the_best_list_and_end_with_all_in_small_steps():
    gaps = [gap_of(effort) for effort in range(1, EFFORTS + 1)]
    assert gaps[:2] == [0, 1e-4] and gaps[-2:] == [pytest.approx(1e4), np.inf]
    inner = np.array(gaps[1:-1])
    assert np.allclose(inner[1:] / inner[:-1], 1.001125, atol=1e-6)


def test_near_lists_score_at_most_a_gap_less_than_the_best():
    scores = np.array([[0.9, 0.1, 0.8, 0.85], [0.1, 0.2, 0.9, 0.3]], dtype=np.float32)
    by_row = Ranking.of_scores(lambda rows: scores[rows[:, 0].astype(int)], routing_macs, 4)
    rows = np.array([[0], [1]], dtype=np.float32)
    lists, near_scores = by_row.near(rows, effort_of(0.12))
    assert lists.tolist() == [[0, 2, 3], [2, -1, -1]]
    assert np.allclose(near_scores[0], [0.9, 0.8, 0.85]) and near_scores[1, 0] == scores[1, 2]
    assert by_row.near(rows[1:], effort_of(0.65))[0].tolist() == [[2, 3]]
    assert by_row.near(rows, 1)[0].tolist() == [[0], [2]]
    assert by_row.near(rows, EFFORTS)[0].tolist() == [[0, 1, 2, 3]] * 2
    assert by_row.near(rows[:0], 5)[0].shape == (0, 1)


@pytest.mark.parametrize("gap", [0.0, 0.1, 0.5, 3.0])
@pytest.mark.parametrize("routing", ROUTINGS)
def test_no_near_list_is_missing_however_lists_are_reached(
    routing: Routing, gap: float, centroids: Array, queries: Array
):
    lists_of = postings(coarse_quantizer(routing, centroids))
    near = lists_of.ranking()
    scores = queries @ centroids.T
    expected = scores >= scores.max(axis=1, keepdims=True) - np.float32(gap_of(effort_of(gap)))
    lists, list_scores = near.near(queries, effort_of(gap))
    found = [set(row[row >= 0].tolist()) for row in lists]
    truth = [set(np.flatnonzero(row).tolist()) for row in expected]
    same = sum(len(f & t) for f, t in zip(found, truth, strict=True))
    assert same >= 0.95 * sum(map(len, truth)) and sum(map(len, found)) <= sum(map(len, truth))
    if routing == "flat":
        assert found == truth
    reached = lists >= 0
    assert np.allclose(
        list_scores[reached], np.take_along_axis(scores, lists, 1)[reached], atol=1e-6
    )
    for row in range(0, 50, 7):
        alone = near.near(queries[row : row + 1], effort_of(gap))[0]
        assert set(alone[0].tolist()) == found[row]


def test_a_projection_comes_before_the_lists(centroids: Array, queries: Array):
    projection = np.linalg.qr(np.random.default_rng(0).normal(size=(16, 5)))[0].astype(np.float32)
    lists = coarse_quantizer("flat", centroids @ projection)
    quantizer = faiss.IndexPreTransform(linear_transform(projection), lists)
    lists_of = postings(quantizer)
    near = lists_of.ranking()
    reached, scores = near.near(queries, EFFORTS)
    assert np.array_equal(reached[0], np.arange(LISTS))
    assert np.allclose(scores, queries @ projection @ projection.T @ centroids.T, atol=1e-6)
    assert (near.near_macs(queries, 5) == 16 * 5 + 5 * LISTS).all()


@pytest.mark.parametrize("routing", ["codes", "graph"])
def test_lists_are_ranked_until_one_is_not_near_and_all_of_that_is_counted(
    routing: Routing, centroids: Array, queries: Array
):
    quantizer = coarse_quantizer(routing, centroids)
    lists_of = postings(quantizer)
    near = lists_of.ranking()
    few, many = (near.near(queries, effort)[0] for effort in (effort_of(0.1), EFFORTS))
    assert few.shape[1] < 32 and many.shape[1] == LISTS

    def macs(count: int) -> Array:
        if routing == "graph":
            quantizer.hnsw.efSearch = 2 * count
        return routing_macs(quantizer, queries, count)

    assert np.array_equal(near.near_macs(queries, effort_of(0.1)), macs(32))
    assert np.array_equal(near.near_macs(queries, EFFORTS), macs(32) + macs(LISTS))


def test_many_queries_are_ranked_some_at_a_time(
    centroids: Array, queries: Array, monkeypatch: pytest.MonkeyPatch
):
    lists_of = postings(coarse_quantizer("flat", centroids))
    near = lists_of.ranking()
    at_once = near.near(queries, effort_of(0.3))[0]
    monkeypatch.setattr(mass_beam, "SCORES", 7 * LISTS)
    assert np.array_equal(near.near(queries, effort_of(0.3))[0], at_once)
