"""Starting the tree from k-means of the documents: from its centroids, or by imitation."""

from collections.abc import Sequence

import numpy as np
import torch

from methods.base import Array, Positions
from methods.ehi.indexer import TreeIndexer

ITERATIONS = 25
IMITATION_STEPS = 400
IMITATION_BATCH = 1024
IMITATION_RATE = 5e-3


def start_from_kmeans(indexer: TreeIndexer, documents: Array, seed: int) -> None:
    """Set the indexer so that it places `documents` (n, m) as hierarchical k-means does.

    Where every node has a classifier of its own, it is the matrix of the node's centroids;
    with one height that is so in any case. Below the root, classifiers that are shared by the nodes
    of a height can equal no clusters: the indexer is trained to give each document the path of
    its clusters. A projection starts from the directions that keep the most of the documents.
    """
    paths, centroids = hierarchical_kmeans(documents, indexer.branching, indexer.height, seed)
    start_from_centroids(indexer, documents, centroids)
    if indexer.height > 1 and not indexer.per_node:
        _imitate(indexer, documents, paths, seed)


def start_from_centroids(
    indexer: TreeIndexer, documents: Array, centroids: Sequence[Array]
) -> None:
    """Set the projection, and each classifier that has as many nodes as there are centroids' sets.

    `centroids` has an array (nodes, branching, m) a height.
    """
    with torch.no_grad():
        if indexer.projection is not None:
            directions = principal_directions(documents, indexer.projection.shape[1])
            indexer.projection.copy_(torch.from_numpy(directions))
        for classifier, of_level in zip(indexer.classifiers, centroids, strict=True):
            if len(classifier) == len(of_level):
                inside = indexer.project(torch.from_numpy(of_level).to(classifier.device))
                classifier.copy_(inside.transpose(1, 2))


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


def hierarchical_kmeans(
    vectors: Array, branching: int, height: int, seed: int
) -> tuple[Positions, list[Array]]:
    """Return the path (n, height) of each vector through k-means inside k-means, and centroids.

    Those of a height have the shape (nodes, branching, m). In a cluster with no more vectors
    than children each vector is a centroid, and the rest of the children are at 0.
    """
    paths = np.zeros((len(vectors), height), dtype=np.int64)
    nodes = np.zeros(len(vectors), dtype=np.int64)
    centroids = []
    for level in range(height):
        of_level = np.zeros((branching**level, branching, vectors.shape[1]), dtype=np.float32)
        for node in np.unique(nodes):
            members = np.flatnonzero(nodes == node)
            inside = np.ascontiguousarray(vectors[members])
            if len(members) <= branching:
                of_level[node, : len(members)] = inside
                paths[members, level] = np.arange(len(members))
                continue
            of_level[node] = spherical_kmeans(inside, branching, seed)
            paths[members, level] = (inside @ of_level[node].T).argmax(axis=1)
        centroids.append(of_level)
        nodes = nodes * branching + paths[:, level]
    return paths, centroids


def principal_directions(vectors: Array, count: int) -> Array:
    """Return the orthonormal directions (m, count) that keep the most of the inner products."""
    _, directions = np.linalg.eigh(vectors.T @ vectors)  # by rising eigenvalue
    return np.ascontiguousarray(directions[:, ::-1][:, :count])


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
