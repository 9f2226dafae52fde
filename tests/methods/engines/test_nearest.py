"""Torch stands in for Faiss where it is missing: the same neighbours, and k-means as good."""

import numpy as np
import pytest

from methods.engines.nearest import nearest, nearest_on_device, spherical_kmeans


@pytest.fixture
def no_faiss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("methods.engines.nearest.has_faiss", lambda: False)


def test_the_nearest_are_the_largest_inner_products(vectors: np.ndarray, no_faiss: None):
    hits = nearest(vectors[:7], vectors[:150], 5)
    scores = vectors[:7] @ vectors[:150].T
    assert np.array_equal(hits.ids, np.argsort(-scores, axis=1)[:, :5])
    assert np.allclose(hits.scores, -np.sort(-scores, axis=1)[:, :5], atol=1e-6)
    assert nearest(vectors[:1], vectors[:2], 3).ids[0].tolist() == [0, 1, -1]


@pytest.mark.parametrize("k", [5, 100])
def test_a_device_without_room_for_all_vectors_finds_what_faiss_finds(
    vectors: np.ndarray, monkeypatch: pytest.MonkeyPatch, k: int
):
    pytest.importorskip("faiss")
    monkeypatch.setattr("methods.engines.nearest.VECTORS_AT_ONCE", 16 * 70)  # 70 of 200
    by_torch = nearest_on_device(vectors[::10], vectors, k, "cpu")
    by_faiss = nearest(vectors[::10], vectors, k)
    assert np.array_equal(by_torch.ids, by_faiss.ids)
    assert np.allclose(by_torch.scores, by_faiss.scores, atol=1e-6)
    few = nearest_on_device(vectors[::10], vectors[:80], k, "cpu").ids
    assert (few < 0).sum() == 20 * max(0, k - 80)


@pytest.mark.gpu
def test_a_gpu_finds_the_nearest_that_a_cpu_finds(vectors: np.ndarray):
    on_gpu, on_cpu = (nearest(vectors, vectors, 5, device) for device in ("cuda", "cpu"))
    assert np.array_equal(on_gpu.ids, on_cpu.ids)


def test_kmeans_finds_clusters_as_tight_as_those_of_faiss(
    vectors: np.ndarray, monkeypatch: pytest.MonkeyPatch
):
    def tightness() -> float:
        """The mean similarity of a vector to its centroid, over five seeds."""
        found = [spherical_kmeans(vectors, 10, seed) for seed in range(5)]
        return float(np.mean([(vectors @ each.T).max(axis=1).mean() for each in found]))

    by_faiss = tightness()
    monkeypatch.setattr("methods.engines.nearest.has_faiss", lambda: False)
    assert tightness() > by_faiss - 0.02


def test_no_cluster_stays_empty_and_centroids_have_length_one(no_faiss: None):
    vectors = np.repeat(np.eye(3, dtype=np.float32), 10, axis=0)
    vectors += np.random.default_rng(0).normal(scale=0.01, size=vectors.shape).astype(np.float32)
    centroids = spherical_kmeans(vectors, 6, seed=0)
    assert np.allclose(np.linalg.norm(centroids, axis=1), 1, atol=1e-5)
    assert len(np.unique((vectors @ centroids.T).argmax(axis=1))) >= 5
