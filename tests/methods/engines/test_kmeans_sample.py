"""K-means learns the same centroids from a sample in a file."""

from pathlib import Path

import numpy as np
import pytest

from methods.engines.kmeans_sample import kmeans_sample
from methods.engines.nearest import POINTS_PER_CENTROID, spherical_kmeans
from methods.postings.memory_limit import MemoryLimit
from tests.methods.pairs import unit_vectors

pytest.importorskip("faiss", reason="needs Faiss, which draws the same sample")

VECTORS = unit_vectors(0, 3000)


def test_the_sample_is_the_one_that_faiss_draws(tmp_path: Path):
    for seed in (0, 5):
        sample = kmeans_sample(VECTORS, 8, seed, MemoryLimit(1, tmp_path))
        assert sample.shape == (8 * POINTS_PER_CENTROID, VECTORS.shape[1])
        centroids = spherical_kmeans(sample, 8, seed, iterations=3)
        assert np.array_equal(centroids, spherical_kmeans(VECTORS, 8, seed, iterations=3))


def test_few_vectors_are_their_own_sample(tmp_path: Path):
    assert kmeans_sample(VECTORS, 12, 0, MemoryLimit(1, tmp_path)) is VECTORS
