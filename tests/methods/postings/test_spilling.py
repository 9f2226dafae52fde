from typing import Any

import numpy as np
import pytest

from methods.base import Array, Resources
from methods.ehi.list_router import ListRouter
from methods.ehi.settings import TreeSettings
from methods.ehi.tree_index import TreeIndex
from methods.errors import InputError
from methods.indexes.ivf import IvfIndex, IvfSettings
from methods.indexes.started_graph import StartedGraphSettings
from methods.postings.mass_beam import Beam
from methods.postings.spilling import ORTHOGONALITY, spilled, unit, without_repeats
from methods.registry import method
from tests.methods.pairs import tree, unit_vectors

K, LISTS = 10, 32
DOCUMENTS, QUERIES = unit_vectors(0, 2_000), unit_vectors(1, 200)


def test_the_next_list_is_one_whose_error_is_orthogonal_to_that_of_the_first():
    document = unit(np.array([[1.0, 0.0, 0.0]], dtype=np.float32))
    along, across = [0.9, 0.35, 0.0], [0.85, 0.0, 0.4]
    lists = unit(np.array([[0.95, 0.3, 0.0], along, across], dtype=np.float32))
    nearest_first = np.array([[0, 1, 2]])
    assert (lists @ document[0]).argsort()[::-1].tolist() == [0, 1, 2]
    assert spilled(document, nearest_first, lists, 2).tolist() == [[0, 2]]
    assert spilled(document, nearest_first, lists, 3).tolist() == [[0, 2, 1]]


def test_every_further_list_has_the_least_loss_of_those_that_are_left():
    lists = unit(unit_vectors(2, LISTS))
    ranked = np.argsort(-(DOCUMENTS @ lists.T), axis=1)[:, :8]
    chosen = spilled(DOCUMENTS, ranked, lists, 3)
    assert np.array_equal(chosen[:, 0], ranked[:, 0])
    for document, best, own in zip(DOCUMENTS[:100], ranked, chosen.tolist(), strict=False):
        for count in (1, 2):
            errors = [document - lists[each] for each in own[:count]]
            loss = {each: loss_of(document - lists[each], errors) for each in best.tolist()}
            left = {each: value for each, value in loss.items() if each not in own[:count]}
            assert left[own[count]] == pytest.approx(min(left.values()), rel=1e-5)


def loss_of(error: Array, others: list[Array]) -> float:
    """Return SOAR's loss for the error of one list, given the errors of the document's lists."""
    along = sum((error @ other) ** 2 / (other @ other) for other in others)
    return float(error @ error + ORTHOGONALITY * along)


@pytest.mark.parametrize("routing", ["flat", "codes", "graph"])
def test_documents_added_later_go_where_they_would_have_gone(routing: str, resources: Resources):
    settings = IvfSettings(lists=LISTS, spilled=1, routing=routing)  # type: ignore[arg-type]
    index = IvfIndex(settings, resources)
    index.build(DOCUMENTS, 0, None)
    lists = index.postings.documents_in(np.arange(LISTS)[:, None])
    again = DOCUMENTS[:50]
    index.remove(np.arange(50))
    index.add(np.arange(50), again)
    after = index.postings.documents_in(np.arange(LISTS)[:, None])
    for before, now in zip(lists, after, strict=True):
        assert sorted(before) == sorted(now)


@pytest.mark.parametrize("beam", ["fixed", "mass"])
def test_an_index_finds_no_document_twice_and_all_of_its_lists(beam: Beam, resources: Resources):
    index = IvfIndex(IvfSettings(lists=LISTS, spilled=2, beam=beam), resources)
    index.build(DOCUMENTS, 0, None)
    hits = index.search(QUERIES, K, index.efforts(K)[-1])
    exact = np.argsort(-(QUERIES @ DOCUMENTS.T), axis=1)[:, :K]
    assert np.array_equal(hits.ids, exact)
    few = index.search(QUERIES, K, index.efforts(K)[0])
    assert all(len(set(row[row >= 0])) == (row >= 0).sum() for row in few.ids)


def test_lists_of_centroids_spill_by_these_and_learned_leaves_by_their_weights():
    learned = tree(DOCUMENTS, 5, leaves=LISTS)
    centroids = unit(unit_vectors(3, LISTS))
    assert ListRouter(learned, centroids).directions() is centroids
    leaves = learned.directions()
    evidence = learned.evidence()
    assert leaves is not None and evidence is not None
    assert np.allclose((leaves * evidence).sum(axis=1), np.linalg.norm(evidence, axis=1))


def test_the_evidence_of_a_document_in_two_leaves_is_that_for_the_first(resources: Resources):
    router = tree(DOCUMENTS, 0, leaves=LISTS)
    index = TreeIndex(TreeSettings(spilled=1, fusion=0.1), resources)
    index.build(DOCUMENTS, 0, router)
    evidence = router.evidence()
    assert evidence is not None
    fused = DOCUMENTS + np.float32(0.1) * evidence[router.assign(DOCUMENTS, 1)[:, 0]]
    assert np.allclose(index.scored(DOCUMENTS), fused, atol=1e-6)
    best = np.argsort(-(QUERIES @ fused.T), axis=1)[:, :K]
    assert np.array_equal(index.search(QUERIES, K, LISTS).ids, best)


def test_a_graph_that_is_entered_from_several_lists_is_not_exported(resources: Resources):
    graph_settings = StartedGraphSettings(dimensions_per_block=4)
    settings = {"graph": graph_settings, "ivf": IvfSettings(lists=LISTS, spilled=1)}
    graph: Any = method("ivf+hnsw").new_index(settings, resources)
    graph.build(DOCUMENTS, 0, None)
    assert len(set(graph.search(QUERIES[:1], K, 20).ids[0])) == K
    with pytest.raises(InputError, match=r"export a cell with ivf\.spilled=0"):
        graph.to_faiss(20)


def test_repeats_are_left_out_in_the_order_of_scores():
    ids = np.array([[4, 4, 2, 7, 2], [1, 1, -1, -1, -1]])
    scores = np.array([[9, 9, 8, 8, 8], [5, 5, -1, -1, -1]], dtype=np.float32)
    hits = without_repeats(ids, scores, 3)
    assert hits.ids.tolist() == [[4, 2, 7], [1, -1, -1]]
    assert hits.scores[0].tolist() == [9, 8, 8] and hits.scores[1, 0] == 5
    for row in range(2):
        alone = without_repeats(ids[row : row + 1], scores[row : row + 1], 3)
        assert np.array_equal(alone.ids[0], hits.ids[row])
        assert np.array_equal(alone.scores[0], hits.scores[row])


def test_repeats_of_a_single_row_are_left_out_as_in_a_batch():
    random = np.random.default_rng(0)
    ids = random.integers(0, 20, (50, 40))
    scores = -np.sort(random.random((50, 40), dtype=np.float32))
    together = without_repeats(ids, scores, 10)
    assert (together.ids >= 0).all() and (together.ids != ids[:, :10]).any()
    for row in range(50):
        alone = without_repeats(ids[row : row + 1], scores[row : row + 1], 10)
        assert np.array_equal(alone.ids[0], together.ids[row])
        assert np.array_equal(alone.scores[0], together.scores[row])


def test_each_copy_that_is_scored_costs_but_visits_one_document(resources: Resources):
    index = IvfIndex(IvfSettings(lists=LISTS, spilled=1), resources)
    index.build(DOCUMENTS, 0, None)
    cost = index.cost(QUERIES, K, LISTS)
    dimensions: int = DOCUMENTS.shape[1]
    assert (cost.visited == len(DOCUMENTS)).all()
    assert (cost.scan_macs == 2 * len(DOCUMENTS) * dimensions).all()
