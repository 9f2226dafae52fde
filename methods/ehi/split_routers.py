"""Routers that route queries with a tree, but assign documents to its leaves in another way."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from safetensors.numpy import load_file, save_file

from methods.base import Array, Positions, Router
from methods.ehi.tree_router import TreeRouter

NEAREST_QUERIES = 16
EVIDENCE_BEAM = 8
EVIDENCE_SHARE = 0.3
"""The weight of the queries in a document's probabilities of leaves; on hpo's dev queries .5 and 1
were worse."""
TEMPERATURE = 0.05
CHUNK = 4096


@dataclass(frozen=True)
class SplitRouter(ABC):
    """A tree for queries, and `anchors` (rows, m), vectors by which documents are assigned.

    `name` is what the anchors are; it names their file.
    """

    tree: TreeRouter
    anchors: Array
    name: ClassVar[str]

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

    def interpolated(self, centroids: Array, share: float) -> "Self | None":
        """Return the router with another tree, moved towards centroids, if the tree is linear."""
        tree = self.tree.interpolated(centroids, share)
        return None if tree is None else replace(self, tree=tree)

    def beam(self, vectors: Array, width: int) -> tuple[Positions, Array]:
        """Return the most probable leaves (n, width) and their log-probabilities."""
        return self.tree.beam(vectors, width)

    def directions(self) -> Array | None:
        """Return the directions of the tree's leaves, if it is linear."""
        return self.tree.directions()

    @abstractmethod
    def assign(self, documents: Array, count: int) -> Positions:
        """Return the best `count` leaves (n, count) for each document, the best first."""

    def macs(self, width: int) -> int:
        """Return the multiply-adds of one query's beam."""
        return self.tree.macs(width)

    def tensors(self) -> dict[str, Array]:
        """Return the tree's weights by name."""
        return self.tree.tensors()

    def save(self, path: Path) -> None:
        """Write the tree to `path`, and the anchors to a file next to it."""
        self.tree.save(path)
        save_file({self.name: self.anchors}, _anchors_path(path, self.name))


class ListRouter(SplitRouter):
    """A learned router over lists that are not learned: leaf i is the k-means list of centroid i.

    The anchors are the centroids (lists, m).
    """

    name = "centroids"

    def directions(self) -> Array:
        """Return the centroids, which are unit vectors."""
        return self.anchors

    def assign(self, documents: Array, count: int) -> Positions:
        """Return the lists (n, count) of the nearest centroids."""
        from methods.engines.nearest import nearest

        return nearest(np.ascontiguousarray(documents), self.anchors, count).ids


class EvidenceRouter(SplitRouter):
    """Assigns documents to leaves that their nearest training queries visit (after JTR).

    The tree's probabilities for a document are mixed with those for its nearest training
    queries, weighted by the softmax of their similarities. They do not depend on other
    documents, so a document that is added later gets the same leaves. The anchors are the
    training queries (n, m).
    """

    name = "queries"

    def assign(self, documents: Array, count: int) -> Positions:
        """Return the leaves (n, count) that are most probable for a document and its queries."""
        from methods.engines.nearest import nearest

        leaves_of_queries, log_p = self.tree.beam(self.anchors, min(EVIDENCE_BEAM, self.leaves))
        probabilities = np.exp(log_p)
        assigned = np.empty((len(documents), count), dtype=np.int64)
        near = min(NEAREST_QUERIES, len(self.anchors))
        for start in range(0, len(documents), CHUNK):
            rows = slice(start, start + CHUNK)
            scores = self._probabilities(documents[rows]) * np.float32(1 - EVIDENCE_SHARE)
            queries, similarities = nearest(
                np.ascontiguousarray(documents[rows]), self.anchors, near
            )
            weights = np.exp((similarities - similarities[:, :1]) / TEMPERATURE)
            weights *= EVIDENCE_SHARE / weights.sum(axis=1, keepdims=True)
            votes = weights[:, :, None] * probabilities[queries]
            documents_of_votes = np.broadcast_to(np.arange(len(scores))[:, None, None], votes.shape)
            np.add.at(scores, (documents_of_votes, leaves_of_queries[queries]), votes)
            assigned[rows] = np.argsort(-scores, axis=1, kind="stable")[:, :count]
        return assigned

    def _probabilities(self, documents: Array) -> Array:
        """Return the tree's probabilities (n, leaves) for documents, by leaf number."""
        leaves, log_p = self.tree.beam(documents, self.leaves)
        in_order = np.empty_like(log_p)
        np.put_along_axis(in_order, leaves, log_p, axis=1)
        return np.exp(in_order)


def load_router(path: Path) -> Router:
    """Read a router of any kind; the file next to the tree shows which kind it is."""
    tree = TreeRouter.load(path)
    for kind in (ListRouter, EvidenceRouter):
        anchors = _anchors_path(path, kind.name)
        if anchors.is_file():
            return kind(tree, load_file(anchors)[kind.name])
    return tree


def _anchors_path(path: Path, name: str) -> Path:
    return path.with_suffix(f".{name}{path.suffix}")
