"""A learned router over lists that are not learned."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from methods.base import Array, Positions, Router
from methods.ehi.tree_router import TreeRouter

CENTROIDS = "centroids"


@dataclass(frozen=True)
class ListRouter:
    """Routes queries with a tree, and assigns documents to k-means lists.

    Leaf i of the tree is the list of centroid i.
    """

    tree: TreeRouter
    centroids: Array  # (lists, m), unit vectors

    @property
    def leaves(self) -> int:
        """The number of leaves."""
        return self.tree.leaves

    @property
    def projection(self) -> Array | None:
        """P (m, r), if the tree has one."""
        return self.tree.projection

    @property
    def formula(self) -> str:
        """How a query is routed to leaves, in the names of `tensors`."""
        return self.tree.formula

    def linear_weights(self) -> Array | None:
        """Return the tree's linear weights, if it has any."""
        return self.tree.linear_weights()

    def evidence(self) -> Array | None:
        """Return the tree's evidence, if it is linear."""
        return self.tree.evidence()

    def interpolated(self, centroids: Array, share: float) -> "ListRouter | None":
        """Return the router with another tree, moved towards centroids, if the tree is linear."""
        tree = self.tree.interpolated(centroids, share)
        return None if tree is None else replace(self, tree=tree)

    def beam(self, vectors: Array, width: int) -> tuple[Positions, Array]:
        """Return the most probable leaves (n, width) and their log-probabilities."""
        return self.tree.beam(vectors, width)

    def directions(self) -> Array:
        """Return the centroids."""
        return self.centroids

    def assign(self, documents: Array, count: int) -> Positions:
        """Return the lists (n, count) of the nearest centroids, the best first."""
        from methods.engines.nearest import nearest

        return nearest(np.ascontiguousarray(documents), self.centroids, count).ids

    def macs(self, width: int) -> int:
        """Return the multiply-adds of one query's beam."""
        return self.tree.macs(width)

    def tensors(self) -> dict[str, Array]:
        """Return the tree's weights by name."""
        return self.tree.tensors()

    def save(self, path: Path) -> None:
        """Write the tree to `path`, and the centroids to a file next to it."""
        self.tree.save(path)
        save_file({CENTROIDS: self.centroids}, _centroids_path(path))


def load_router(path: Path) -> Router:
    """Read a tree, or a router over lists if there is a file of centroids next to the tree."""
    tree = TreeRouter.load(path)
    centroids = _centroids_path(path)
    return ListRouter(tree, load_file(centroids)[CENTROIDS]) if centroids.is_file() else tree


def _centroids_path(path: Path) -> Path:
    return path.with_suffix(f".{CENTROIDS}{path.suffix}")
