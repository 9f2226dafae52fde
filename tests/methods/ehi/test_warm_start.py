import tracemalloc

import numpy as np
import pytest
import torch

from methods.ehi.indexer import TreeIndexer
from methods.ehi.settings import EhiSettings
from methods.ehi.warm_start import hierarchical_kmeans, start_from_kmeans
from methods.engines.nearest import spherical_kmeans
from methods.forms.short import principal_directions
from tests.methods.pairs import unit_vectors


def test_one_height_starts_as_kmeans(vectors: np.ndarray):
    indexer = TreeIndexer(16, EhiSettings(branching=6, mixer="relu"))
    start_from_kmeans(indexer, vectors, seed=0)
    leaves, _ = indexer.router().beam(vectors, 1)
    clusters = (vectors @ spherical_kmeans(vectors, 6, seed=0).T).argmax(axis=1)
    assert (leaves[:, 0] == clusters).mean() > 0.97  # U is small, not zero


def test_two_heights_imitate_hierarchical_kmeans(vectors: np.ndarray):
    torch.manual_seed(0)
    indexer = TreeIndexer(16, EhiSettings(branching=4, height=2, mixer="relu"))
    start_from_kmeans(indexer, vectors, seed=0)
    paths, _ = hierarchical_kmeans(vectors, 4, 2, seed=0)
    leaves, _ = indexer.router().beam(vectors, 1)
    assert (leaves[:, 0] == paths[:, 0] * 4 + paths[:, 1]).mean() > 0.8


def test_each_vector_of_a_small_cluster_gets_its_own_child(vectors: np.ndarray):
    paths, centroids = hierarchical_kmeans(vectors[:5], branching=8, height=2, seed=0)
    assert len({tuple(path) for path in paths}) == 5
    assert [level_centroids.shape for level_centroids in centroids] == [(1, 8, 16), (8, 8, 16)]
    assert np.array_equal(centroids[0][0, :5], vectors[:5])


def test_vectors_find_their_leaves_without_a_score_of_every_pair():
    vectors = unit_vectors(0, 20_000)
    tracemalloc.start()
    paths, centroids = hierarchical_kmeans(vectors, branching=500, height=1, seed=0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5e6  # all scores take 40 MB
    assert np.array_equal(paths[:, 0], (vectors @ centroids[0][0].T).argmax(axis=1))


@pytest.mark.parametrize("height", [1, 2, 3])
def test_paths_that_end_above_the_leaves_leave_the_centroids_as_they_are(
    vectors: np.ndarray, height: int
):
    whole, all_centroids = hierarchical_kmeans(vectors, 4, height, seed=0)
    paths, centroids = hierarchical_kmeans(vectors, 4, height, seed=0, to_leaves=False)
    assert np.array_equal(paths, whole[:, :-1])
    assert all(np.array_equal(a, b) for a, b in zip(centroids, all_centroids, strict=True))


@pytest.mark.parametrize("height", [2, 3])
def test_classifiers_per_node_start_as_hierarchical_kmeans(vectors: np.ndarray, height: int):
    settings = EhiSettings(branching=4, height=height, classifiers="per_node", mixer="none")
    indexer = TreeIndexer(16, settings)
    start_from_kmeans(indexer, vectors, seed=0)
    paths, _ = hierarchical_kmeans(vectors, 4, height, seed=0)
    _, taken = indexer.log_path(torch.from_numpy(vectors))
    assert (taken.numpy() == paths).all(axis=1).mean() > 0.95  # one of two may tie with a 0


def test_a_projection_starts_from_the_principal_directions(vectors: np.ndarray):
    kept = [
        np.linalg.norm(vectors @ principal_directions(vectors, count)) ** 2 for count in (1, 8, 16)
    ]
    assert kept[0] < kept[1] < kept[2] == pytest.approx(len(vectors), rel=1e-4)
    singular = np.linalg.svd(vectors, compute_uv=False)
    assert kept[1] == pytest.approx(float((singular[:8] ** 2).sum()), rel=1e-4)
    indexer = TreeIndexer(16, EhiSettings(branching=4, rank=8, mixer="none"))
    start_from_kmeans(indexer, vectors, seed=0)
    centroids = spherical_kmeans(vectors, 4, seed=0)
    directions = principal_directions(vectors, 8)
    routed = ((vectors @ directions) @ (centroids @ directions).T).argmax(axis=1)
    assert (indexer.router().beam(vectors, 1)[0][:, 0] == routed).all()


@pytest.mark.parametrize("height", [1, 2])
def test_the_same_seed_gives_the_same_start(vectors: np.ndarray, height: int):
    weights = []
    for _ in range(2):
        torch.manual_seed(1)
        indexer = TreeIndexer(16, EhiSettings(branching=4, height=height, mixer="relu"))
        start_from_kmeans(indexer, vectors, seed=1)
        weights.append([p.detach().clone() for p in indexer.parameters()])
    assert all(torch.equal(a, b) for a, b in zip(*weights, strict=True))
