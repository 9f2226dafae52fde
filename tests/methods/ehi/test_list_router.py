from pathlib import Path

import numpy as np
import torch

from methods.base import Resources
from methods.ehi.list_router import ListRouter, load_router
from methods.ehi.list_trainer import ListIndexer
from methods.ehi.settings import EhiSettings, TreeSettings
from methods.ehi.tree_index import TreeIndex
from methods.ehi.tree_router import TreeRouter
from methods.engines.nearest import spherical_kmeans

K = 10


def router(vectors: np.ndarray) -> ListRouter:
    """Return k-means lists with a random router that knows nothing about them."""
    indexer = ListIndexer(vectors.shape[1], EhiSettings(branching=8))
    with torch.no_grad():
        indexer.centroids.copy_(torch.from_numpy(spherical_kmeans(vectors, 8, 0)))
    return indexer.router()


def test_a_list_router_assigns_by_centroids_and_routes_by_the_tree(vectors: np.ndarray):
    lists = router(vectors)
    nearest = (vectors @ lists.centroids.T).argmax(axis=1)
    assert np.array_equal(lists.assign(vectors, 1)[:, 0], nearest)
    assert lists.assign(vectors, 2).shape == (len(vectors), 2)
    routed, _ = lists.beam(vectors, 1)
    assert np.array_equal(routed, lists.tree.beam(vectors, 1)[0])
    assert (routed[:, 0] != nearest).mean() > 0.5  # the router is random


def test_a_tree_index_searches_the_lists_that_the_router_chose(
    vectors: np.ndarray, resources: Resources, tmp_path: Path
):
    lists = router(vectors)
    index = TreeIndex(TreeSettings(), resources)
    index.build(vectors, 0, lists)
    index.save(tmp_path)
    loaded = TreeIndex(TreeSettings(), resources)
    loaded.load(tmp_path, vectors)
    assigned, routed = lists.assign(vectors, 1)[:, 0], lists.beam(vectors, 1)[0][:, 0]
    for searched in (index, loaded):
        hits = searched.search(vectors, 50, 1).ids
        for query, row in enumerate(hits):
            documents = row[row >= 0]
            assert set(assigned[documents]) <= {routed[query]}
        assert np.array_equal(
            searched.cost(vectors, K, 1).visited, np.bincount(assigned, minlength=8)[routed]
        )


def test_load_router_reads_each_kind_as_it_was_saved(vectors: np.ndarray, tmp_path: Path):
    lists = router(vectors)
    (tmp_path / "lists").mkdir()
    (tmp_path / "tree").mkdir()
    lists.save(tmp_path / "lists" / "router.safetensors")
    lists.tree.save(tmp_path / "tree" / "router.safetensors")
    read = load_router(tmp_path / "lists" / "router.safetensors")
    assert isinstance(read, ListRouter) and np.array_equal(read.centroids, lists.centroids)
    assert isinstance(load_router(tmp_path / "tree" / "router.safetensors"), TreeRouter)
    assert set(read.tensors()) == set(lists.tensors()) == set(lists.tree.tensors())


def test_k_means_lists_keep_their_documents_when_their_router_moves(vectors: np.ndarray):
    lists = router(vectors)
    moved = lists.interpolated(lists.centroids, 0.5)
    assert moved is not None
    assert np.array_equal(moved.assign(vectors, 1), lists.assign(vectors, 1))
    assert (moved.beam(vectors, 1)[0] != lists.beam(vectors, 1)[0]).any()
