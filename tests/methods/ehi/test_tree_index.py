"""Search of a tree: by Faiss alone if it is linear, and by projected vectors with `reorder`."""

from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
import torch

from methods.base import Resources
from methods.ehi.indexer import TreeIndexer
from methods.ehi.settings import EhiSettings, TreeSettings
from methods.ehi.tree_index import TreeIndex
from methods.ehi.tree_router import TreeRouter
from methods.ehi.warm_start import start_from_kmeans
from methods.errors import InputError


def tree(vectors: np.ndarray, rank: int = 0) -> TreeRouter:
    torch.manual_seed(0)
    indexer = TreeIndexer(16, EhiSettings(branching=8, rank=rank, mixer="none"))
    start_from_kmeans(indexer, vectors, seed=0)
    return indexer.tree()


def built(vectors: np.ndarray, router: TreeRouter, settings: TreeSettings, resources: Resources):
    index = TreeIndex(settings, resources)
    index.build(vectors, 0, router)
    return index


@pytest.mark.parametrize("rank", [0, 5])
@pytest.mark.parametrize("reorder", [0, 10])
def test_faiss_routes_a_linear_tree_like_its_own_beam(
    vectors: np.ndarray, resources: Resources, rank: int, reorder: int
):
    if reorder and not rank:
        return
    router = tree(vectors, rank)
    index = built(vectors, router, TreeSettings(reorder=reorder), resources)
    for beam in (1, 3):
        hits = index.search(vectors, 200, beam)
        leaves = router.beam(vectors, beam)[0]
        placed = router.assign(vectors, 1)[:, 0]
        for query in range(len(vectors)):
            expected = set(np.flatnonzero(np.isin(placed, leaves[query])))
            assert {i for i in hits.ids[query] if i >= 0} == expected
        assert np.array_equal((hits.ids >= 0).sum(axis=1), index.cost(vectors, beam).visited)


def test_rescored_documents_have_the_scores_of_full_vectors(
    vectors: np.ndarray, resources: Resources
):
    index = built(vectors, tree(vectors, 5), TreeSettings(reorder=10), resources)
    hits = index.search(vectors, 20, 8)
    exact = np.take_along_axis(vectors @ vectors.T, hits.ids, axis=1)
    assert np.allclose(hits.scores[:, :10], exact[:, :10], atol=1e-5)
    assert (np.diff(hits.scores, axis=1) <= 1e-6).all()
    everything = built(vectors, tree(vectors, 5), TreeSettings(reorder=200), resources)
    best = np.argsort(-(vectors @ vectors.T), axis=1)[:, :5]
    assert np.array_equal(everything.search(vectors, 5, 8).ids, best)


def test_macs_count_projected_vectors_and_rescored_documents(
    vectors: np.ndarray, resources: Resources
):
    router = tree(vectors, 5)
    cost = built(vectors, router, TreeSettings(2, reorder=10), resources).cost(vectors, 3)
    sizes = np.bincount(router.assign(vectors, 2).ravel(), minlength=8)
    scanned = sizes[router.beam(vectors, 3)[0]].sum(axis=1)
    assert np.array_equal(cost.scan_macs, scanned * 5 + 10 * 16)
    assert (cost.route_macs == 16 * 5 + 5 * 8).all()
    assert (cost.visited < scanned).any()


def test_macs_count_a_second_projection_if_faiss_cannot_route(
    vectors: np.ndarray, resources: Resources
):
    torch.manual_seed(0)
    indexer = TreeIndexer(16, EhiSettings(branching=8, rank=5, mixer="relu"))
    index = built(vectors, indexer.tree(), TreeSettings(reorder=10), resources)
    assert (index.cost(vectors, 3).route_macs == 2 * 16 * 5 + 5 * 5 + 5 * 8).all()


def test_a_capped_index_cannot_remove_documents(vectors: np.ndarray, resources: Resources):
    index = built(vectors, tree(vectors), TreeSettings(most_per_leaf=30), resources)
    with pytest.raises(InputError, match=r"most_per_leaf is 30.*build the index again"):
        index.remove(np.array([3]))


def test_reorder_needs_a_projection(vectors: np.ndarray, resources: Resources):
    with pytest.raises(InputError, match=r"set ehi\.rank to its dimensions, or tree\.reorder=0"):
        built(vectors, tree(vectors), TreeSettings(reorder=10), resources)


def test_an_index_with_reorder_cannot_add_documents(vectors: np.ndarray, resources: Resources):
    index = built(vectors, tree(vectors, 5), TreeSettings(reorder=10), resources)
    with pytest.raises(InputError, match=r"build with tree\.reorder=0"):
        index.add(np.array([200]), vectors[:1])


@pytest.mark.parametrize(("rank", "reorder"), [(0, 0), (5, 0), (5, 10)])
def test_a_linear_tree_can_be_saved_as_a_faiss_index(
    vectors: np.ndarray, resources: Resources, tmp_path: Path, rank: int, reorder: int
):
    index = built(vectors, tree(vectors, rank), TreeSettings(reorder=reorder), resources)
    faiss.write_index(index.to_faiss(3), str(tmp_path / "index"))
    k = reorder or 50
    scores, ids = faiss.read_index(str(tmp_path / "index")).search(vectors, k)
    hits = index.search(vectors, k, 3)
    assert np.array_equal(ids, hits.ids)
    assert np.allclose(scores[ids >= 0], hits.scores[ids >= 0], atol=1e-5)


@pytest.mark.parametrize(("mixer", "copies"), [("relu", 1), ("none", 2)])
def test_reorder_with_a_tree_that_faiss_cannot_route_is_not_exported(
    vectors: np.ndarray, resources: Resources, mixer: Any, copies: int
):
    router = TreeIndexer(16, EhiSettings(branching=8, rank=5, mixer=mixer)).tree()
    index = built(vectors, router, TreeSettings(copies, reorder=10), resources)
    with pytest.raises(InputError, match=r"with tree\.reorder=0 others are exported too"):
        index.to_faiss(3)
