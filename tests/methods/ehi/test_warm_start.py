import numpy as np
import pytest
import torch

from methods.ehi.indexer import TreeIndexer
from methods.ehi.warm_start import hierarchical_paths, spherical_kmeans, start_from_kmeans


def test_one_height_starts_as_k_means(vectors: np.ndarray):
    indexer = TreeIndexer(16, 6, 1, temperature=0.05)
    start_from_kmeans(indexer, vectors, seed=0)
    leaves, _ = indexer.router().beam(vectors, 1)
    clusters = (vectors @ spherical_kmeans(vectors, 6, seed=0).T).argmax(axis=1)
    assert (leaves[:, 0] == clusters).mean() > 0.97  # U is small, not zero


def test_two_heights_imitate_hierarchical_k_means(vectors: np.ndarray):
    torch.manual_seed(0)
    indexer = TreeIndexer(16, 4, 2, temperature=0.05)
    start_from_kmeans(indexer, vectors, seed=0)
    paths = hierarchical_paths(vectors, 4, 2, seed=0)
    leaves, _ = indexer.router().beam(vectors, 1)
    assert (leaves[:, 0] == paths[:, 0] * 4 + paths[:, 1]).mean() > 0.8


def test_a_small_cluster_gives_every_vector_its_own_child(vectors: np.ndarray):
    paths = hierarchical_paths(vectors[:5], branching=8, height=2, seed=0)
    assert len({tuple(path) for path in paths}) == 5


@pytest.mark.parametrize("height", [1, 2])
def test_the_start_is_the_same_for_the_same_seed(vectors: np.ndarray, height: int):
    weights = []
    for _ in range(2):
        torch.manual_seed(1)
        indexer = TreeIndexer(16, 4, height, temperature=0.05)
        start_from_kmeans(indexer, vectors, seed=1)
        weights.append([p.detach().clone() for p in indexer.parameters()])
    assert all(torch.equal(a, b) for a, b in zip(*weights, strict=True))
