from pathlib import Path

import numpy as np
import torch

from methods.base import Resources
from methods.ehi.indexer import TreeIndexer
from methods.ehi.list_trainer import ListIndexer
from methods.ehi.settings import EhiSettings, TreeSettings
from methods.ehi.split_routers import EvidenceRouter, ListRouter, load_router
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
    nearest = (vectors @ lists.anchors.T).argmax(axis=1)
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
    assert isinstance(read, ListRouter) and np.array_equal(read.anchors, lists.anchors)
    assert isinstance(load_router(tmp_path / "tree" / "router.safetensors"), TreeRouter)
    (tmp_path / "evidence").mkdir()
    EvidenceRouter(lists.tree, vectors[:30]).save(tmp_path / "evidence" / "router.safetensors")
    read = load_router(tmp_path / "evidence" / "router.safetensors")
    assert isinstance(read, EvidenceRouter) and np.array_equal(read.anchors, vectors[:30])
    assert set(read.tensors()) == set(lists.tensors()) == set(lists.tree.tensors())


def test_evidence_assigns_documents_to_leaves_of_their_nearest_queries(vectors: np.ndarray):
    torch.manual_seed(0)
    tree = TreeIndexer(16, EhiSettings(branching=8, temperature=0.5)).tree()
    own = tree.assign(vectors, 8)
    # A query equal to the document changes nothing.
    assert np.array_equal(EvidenceRouter(tree, vectors[:1]).assign(vectors[:1], 8), own[:1])
    # Opposite queries move some documents, but only to leaves that the queries visit.
    queries = -vectors[:40]
    assigned = EvidenceRouter(tree, queries).assign(vectors, 2)
    moved = assigned[:, 0] != own[:, 0]
    assert 0 < moved.sum() < len(vectors)
    assert set(assigned[moved, 0]) <= set(tree.assign(queries, 1)[:, 0]) | set(own[moved, 1])


def test_evidence_assigns_a_document_alone_as_with_all_others(
    vectors: np.ndarray, resources: Resources
):
    torch.manual_seed(0)
    tree = TreeIndexer(16, EhiSettings(branching=8, temperature=0.5)).tree()
    router = EvidenceRouter(tree, vectors[::7] + np.float32(0.1))
    assert np.array_equal(
        router.assign(vectors, 2),
        np.concatenate([router.assign(vectors[i : i + 1], 2) for i in range(len(vectors))]),
    )


def test_k_means_lists_keep_their_documents_when_their_router_moves(vectors: np.ndarray):
    lists = router(vectors)
    moved = lists.interpolated(lists.anchors, 0.5)
    assert moved is not None
    assert np.array_equal(moved.assign(vectors, 1), lists.assign(vectors, 1))
    assert (moved.beam(vectors, 1)[0] != lists.beam(vectors, 1)[0]).any()
