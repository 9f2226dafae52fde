"""Warm start of the tree from k-means of the documents: by its centroids, or by imitation."""

from collections.abc import Sequence

import numpy as np
import torch

from methods.base import Array, Positions
from methods.ehi.indexer import TreeIndexer
from methods.engines.nearest import kept_kmeans, nearest
from methods.forms.short import principal_directions
from methods.kept_parts import NOTHING_KEPT, KeptParts

IMITATION_STEPS = 400
IMITATION_BATCH = 1024
IMITATION_RATE = 5e-3


def start_from_kmeans(
    indexer: TreeIndexer, documents: Array, seed: int, parts: KeptParts = NOTHING_KEPT
) -> None:
    """Set the indexer so that it assigns `documents` (n, m) as hierarchical k-means does.

    A node with a classifier of its own gets its centroids as the classifier; the root always has
    one. Below the root, a classifier that all nodes of a height share cannot hold the centroids
    of each, so the indexer is trained to give each document the path of its clusters. A
    projection starts from the principal directions of the documents.
    """
    imitates = indexer.height > 1 and not indexer.per_node
    paths, centroids = hierarchical_kmeans(
        documents, indexer.branching, indexer.height, seed, parts, to_leaves=imitates
    )
    start_from_centroids(indexer, documents, centroids)
    if imitates:
        _imitate(indexer, documents, paths, seed)


def start_from_centroids(
    indexer: TreeIndexer, documents: Array, centroids: Sequence[Array]
) -> None:
    """Set the projection, and the classifiers of each height at which every node has its own.

    `centroids` holds one array (nodes, branching, m) per height.
    """
    with torch.no_grad():
        if indexer.projection is not None:
            directions = principal_directions(documents, indexer.projection.shape[1])
            indexer.projection.copy_(torch.from_numpy(directions))
        for classifier, node_centroids in zip(indexer.classifiers, centroids, strict=True):
            if len(classifier) == len(node_centroids):
                on_device = torch.from_numpy(node_centroids).to(classifier.device)
                classifier.copy_(indexer.project(on_device).transpose(1, 2))


def hierarchical_kmeans(
    vectors: Array,
    branching: int,
    height: int,
    seed: int,
    parts: KeptParts = NOTHING_KEPT,
    to_leaves: bool = True,
) -> tuple[Positions, list[Array]]:
    """Cluster vectors by k-means, then each cluster again, down to `height` levels.

    Returns:
        The path (n, height) of each vector, and one array of centroids (nodes, branching, m) per
        height. In a cluster with at most `branching` vectors, each vector is a centroid, and the
        other children are at 0. Without `to_leaves`, the paths (n, height - 1) end one level above
        the leaves, which saves assigning every vector to a leaf.
    """
    steps = height if to_leaves else height - 1
    paths = np.zeros((len(vectors), steps), dtype=np.int64)
    nodes = np.zeros(len(vectors), dtype=np.int64)
    centroids = []
    for level in range(height):
        level_centroids = np.zeros(
            (branching**level, branching, vectors.shape[1]), dtype=np.float32
        )
        for node in np.unique(nodes):
            members = np.flatnonzero(nodes == node)
            is_whole = len(members) == len(vectors)  # not copied: it may be a memory map
            cluster = vectors if is_whole else np.ascontiguousarray(vectors[members])
            is_small = len(members) <= branching
            if is_small:
                level_centroids[node, : len(members)] = cluster
            else:
                level_centroids[node] = kept_kmeans(
                    parts if is_whole else NOTHING_KEPT, cluster, branching, seed
                )
            if level < steps:
                paths[members, level] = (
                    np.arange(len(members))
                    if is_small
                    else nearest(cluster, level_centroids[node], 1).ids[:, 0]
                )
        centroids.append(level_centroids)
        if level < steps:
            nodes = nodes * branching + paths[:, level]
    return paths, centroids


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
