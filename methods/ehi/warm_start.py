"""Starting the tree from k-means: one height from its centroids, more by imitation."""

import numpy as np
import torch

from methods.base import Array, Positions
from methods.ehi.indexer import TreeIndexer

ITERATIONS = 20
IMITATION_STEPS = 400
IMITATION_BATCH = 1024
IMITATION_RATE = 5e-3


def start_from_kmeans(indexer: TreeIndexer, documents: Array, seed: int) -> None:
    """Set the indexer so that it places `documents` (n, m) as hierarchical k-means does.

    With one height the classifier is the matrix of centroids. With more, classifiers are
    shared by the nodes of a height and no weights equal the clusters: the indexer is
    trained to give each document the path of its clusters.
    """
    centroids = spherical_kmeans(documents, indexer.branching, seed)
    with torch.no_grad():
        indexer.classifiers[0].copy_(torch.from_numpy(centroids.T))
    if indexer.height > 1:
        paths = hierarchical_paths(documents, indexer.branching, indexer.height, seed)
        _imitate(indexer, documents, paths, seed)


def spherical_kmeans(vectors: Array, count: int, seed: int) -> Array:
    """Return `count` unit centroids (count, m) of Faiss's spherical k-means."""
    import faiss

    kmeans = faiss.Kmeans(
        vectors.shape[1],
        count,
        niter=ITERATIONS,
        spherical=True,
        seed=seed + 1,  # Faiss takes 0 for its own default
        min_points_per_centroid=1,
    )
    kmeans.train(vectors)
    return np.asarray(kmeans.centroids)


def hierarchical_paths(vectors: Array, branching: int, height: int, seed: int) -> Positions:
    """Return the path (n, height) of each vector through k-means inside k-means.

    A cluster with no more vectors than children gives each a child of its own.
    """
    paths = np.zeros((len(vectors), height), dtype=np.int64)
    nodes = np.zeros(len(vectors), dtype=np.int64)
    for level in range(height):
        for node in np.unique(nodes):
            members = np.flatnonzero(nodes == node)
            if len(members) <= branching:
                paths[members, level] = np.arange(len(members))
                continue
            inside = np.ascontiguousarray(vectors[members])
            centroids = spherical_kmeans(inside, branching, seed)
            paths[members, level] = (inside @ centroids.T).argmax(axis=1)
        nodes = nodes * branching + paths[:, level]
    return paths


def _imitate(indexer: TreeIndexer, documents: Array, paths: Positions, seed: int) -> None:
    device = indexer.classifiers[0].device
    vectors, targets = torch.from_numpy(documents).to(device), torch.from_numpy(paths).to(device)
    optimiser = torch.optim.AdamW(indexer.parameters(), lr=IMITATION_RATE)
    random = np.random.default_rng(seed)
    for _step in range(IMITATION_STEPS):
        rows = torch.from_numpy(random.integers(len(documents), size=IMITATION_BATCH)).to(device)
        path = targets[rows]
        log_path, _ = indexer.log_path(vectors[rows], path)
        # The deepest height comes first and holds the probability of the whole path.
        loss = -log_path[:, : indexer.branching].gather(1, path[:, -1:]).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
