"""Exact nearest neighbours and k-means: by Faiss, or, where it is missing, by torch.

Torch then takes a GPU if there is one, whichever device trains. A caller that names a GPU gets
torch on it, with or without Faiss.
"""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from methods.base import Array, Hits
from methods.devices import has_faiss
from methods.kept_parts import KeptParts

SCORES_AT_ONCE = 1 << 26
"""The largest matrix of scores, in floats (256 MiB)."""
VECTORS_AT_ONCE = 1 << 28
"""The vectors that are searched on a device at a time, in floats (1 GiB)."""
POINTS_PER_CENTROID = 256
"""K-means learns from a sample of at most so many vectors per centroid, as Faiss does."""
SPLIT = 1 / 1024
"""How far the halves of a cluster that is split move apart, as in Faiss."""


def nearest(queries: Array, vectors: Array, k: int, device: str = "cpu") -> Hits:
    """Return the `k` vectors (n, dimensions) of the largest inner product with each query.

    There are -1 for ids if there are fewer. Any `device` but the CPU is searched by torch.
    """
    if device != "cpu":
        return nearest_on_device(queries, vectors, k, device)
    if not has_faiss():
        return nearest_on_device(queries, vectors, k, _device())
    import faiss

    scores, ids = faiss.knn(queries, vectors, k, metric=faiss.METRIC_INNER_PRODUCT)
    return Hits(ids, scores)


def nearest_on_device(queries: Array, vectors: Array, k: int, device: str) -> Hits:
    """Return what `nearest` does, by torch on a device that need not have room for all vectors."""
    asked = as_tensor(queries).to(device)
    scores = asked.new_empty((len(asked), 0))
    ids = torch.empty((len(asked), 0), dtype=torch.int64, device=device)
    rows = max(1, VECTORS_AT_ONCE // max(1, vectors.shape[1]))
    for start in range(0, len(vectors), rows):
        part = as_tensor(vectors[start : start + rows]).to(device)
        new_scores, new_ids = nearest_by_torch(asked, part, k)
        scores = torch.cat([scores, new_scores], dim=1)
        ids = torch.cat([ids, new_ids + start], dim=1)
        scores, best = scores.topk(min(k, scores.shape[1]))
        ids = ids.gather(1, best)
    return as_hits(scores, ids, k)


def nearest_by_torch(queries: Tensor, vectors: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Return scores and positions (queries, min(k, vectors)) of the nearest vectors."""
    found = min(k, len(vectors))
    rows = max(1, SCORES_AT_ONCE // max(1, len(vectors)))
    parts = [(part @ vectors.T).topk(found) for part in queries.split(rows)]
    if not parts:
        return queries.new_zeros((0, found)), queries.new_zeros((0, found), dtype=torch.int64)
    return torch.cat([p.values for p in parts]), torch.cat([p.indices for p in parts])


def as_hits(scores: Tensor, ids: Tensor, k: int) -> Hits:
    """Return scores and ids (n, found) as arrays (n, k), padded as Faiss pads."""
    missing = k - scores.shape[1]
    if missing > 0:
        scores = functional.pad(scores, (0, missing), value=torch.finfo(torch.float32).min)
        ids = functional.pad(ids, (0, missing), value=-1)
    return Hits(ids.cpu().numpy(), scores.float().cpu().numpy())


def as_tensor(vectors: Array) -> Tensor:
    """Return vectors as a tensor; those that cannot be written, such as mapped ones, are copied."""
    return torch.from_numpy(vectors if vectors.flags.writeable else np.array(vectors))


def kept_kmeans(
    parts: KeptParts, vectors: Array, count: int, seed: int, iterations: int = 25
) -> Array:
    """Return what `spherical_kmeans` does, from `parts` if it has been computed before."""

    def write(centroids: Array, path: Path) -> None:
        with path.open("wb") as file:
            np.save(file, centroids)

    def read(path: Path) -> Array:
        centroids: Array = np.load(path)
        return centroids

    settings = {"count": count, "seed": seed, "iterations": iterations, "by_faiss": has_faiss()}
    return parts.get(
        "kmeans",
        vectors,
        settings,
        lambda: spherical_kmeans(vectors, count, seed, iterations),
        write,
        read,
    )


def spherical_kmeans(vectors: Array, count: int, seed: int, iterations: int = 25) -> Array:
    """Return the `count` unit centroids (count, m) of k-means by inner products."""
    if not has_faiss():
        return _kmeans_by_torch(vectors, count, iterations, seed)
    import faiss

    kmeans = faiss.Kmeans(
        vectors.shape[1],
        count,
        niter=iterations,
        spherical=True,
        seed=seed + 1,  # Faiss replaces 0 by its default
        min_points_per_centroid=1,  # how few is the user's choice
    )
    kmeans.train(vectors)
    return np.asarray(kmeans.centroids)


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def _kmeans_by_torch(vectors: Array, count: int, iterations: int, seed: int) -> Array:
    """Return the centroids that Faiss's algorithm finds, from another random start."""
    order = np.random.default_rng(seed).permutation(len(vectors))
    sample = torch.from_numpy(vectors[order[: POINTS_PER_CENTROID * count]]).to(_device())
    centroids = functional.normalize(sample[:count], dim=1)
    for _iteration in range(iterations):
        clusters = nearest_by_torch(sample, centroids, 1)[1][:, 0]
        sizes = torch.bincount(clusters, minlength=count)
        sums = torch.zeros_like(centroids).index_add_(0, clusters, sample)
        centroids = sums / sizes.clamp(min=1)[:, None]
        for empty in torch.nonzero(sizes == 0)[:, 0].tolist():
            largest = int(sizes.argmax())
            sign = SPLIT * (1 - 2 * (torch.arange(sample.shape[1], device=sample.device) % 2))
            centroids[empty] = centroids[largest] * (1 + sign)
            centroids[largest] *= 1 - sign
            sizes[empty] = sizes[largest] // 2
            sizes[largest] -= sizes[empty]
        centroids = functional.normalize(centroids, dim=1)
    return np.asarray(centroids.cpu().numpy())
