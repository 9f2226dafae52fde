"""Routers that lead queries by a tree and place documents by something else."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from safetensors.numpy import load_file, save_file

from methods.base import Array, Positions, Router
from methods.ehi.tree_router import TreeRouter

NEAREST_QUERIES = 16
EVIDENCE_BEAM = 8
EVIDENCE_SHARE = 0.3
"""Of a document's placement; the rest is its own. On hpo's dev queries .5 and 1 were worse."""
TEMPERATURE = 0.05
CHUNK = 4096


@dataclass(frozen=True)
class SplitRouter(ABC):
    """A tree for queries, and `anchors` (rows, m), the vectors that documents are placed by."""

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
        """How a query is led to leaves, in the names of `tensors`."""
        return self.tree.formula

    def linear_weights(self) -> Array | None:
        """Return those of the tree."""
        return self.tree.linear_weights()

    def beam(self, vectors: Array, width: int) -> tuple[Positions, Array]:
        """Return the leaves (n, width) that are most probable and their log-probabilities."""
        return self.tree.beam(vectors, width)

    @abstractmethod
    def assign(self, documents: Array, copies: int) -> Positions:
        """Return the leaves (n, copies) that each document belongs in, the best first."""

    def macs(self, width: int) -> int:
        """Return the multiply-adds of one query's beam."""
        return self.tree.macs(width)

    def tensors(self) -> dict[str, Array]:
        """Return the tree's weights by name."""
        return self.tree.tensors()

    def save(self, path: Path) -> None:
        """Write the tree at `path` and what documents are placed by beside it."""
        self.tree.save(path)
        save_file({self.name: self.anchors}, _beside(path, self.name))


class ListRouter(SplitRouter):
    """A learned router over lists that are not learned: leaf i is the k-means list of centroid i.

    `anchors` are the centroids (lists, m).
    """

    name = "centroids"

    def assign(self, documents: Array, copies: int) -> Positions:
        """Return the lists (n, copies) of the nearest centroids, whatever is learned."""
        lists: Positions = _flat(self.anchors).search(np.ascontiguousarray(documents), copies)[1]
        return lists


class EvidenceRouter(SplitRouter):
    """Documents lie where the train queries look that are nearest to them (after JTR's).

    A document's probabilities of leaves are mixed with those of its nearest train queries, by
    softmax of their similarity. They do not depend on other documents, so that a document can be
    added as if it had been there from the start. `anchors` are the train queries (n, m).
    """

    name = "queries"

    def assign(self, documents: Array, copies: int) -> Positions:
        """Return the leaves (n, copies) where a document and its queries are most probably led."""
        leaves_of_queries, log_p = self.tree.beam(self.anchors, min(EVIDENCE_BEAM, self.leaves))
        probabilities = np.exp(log_p)
        placed = np.empty((len(documents), copies), dtype=np.int64)
        nearest = _flat(self.anchors)
        count = min(NEAREST_QUERIES, len(self.anchors))
        for start in range(0, len(documents), CHUNK):
            rows = slice(start, start + CHUNK)
            scores = self._own(documents[rows]) * np.float32(1 - EVIDENCE_SHARE)
            similarities, queries = nearest.search(np.ascontiguousarray(documents[rows]), count)
            weights = np.exp((similarities - similarities[:, :1]) / TEMPERATURE)
            weights *= EVIDENCE_SHARE / weights.sum(axis=1, keepdims=True)
            votes = weights[:, :, None] * probabilities[queries]
            documents_of_votes = np.broadcast_to(np.arange(len(scores))[:, None, None], votes.shape)
            np.add.at(scores, (documents_of_votes, leaves_of_queries[queries]), votes)
            placed[rows] = np.argsort(-scores, axis=1, kind="stable")[:, :copies]
        return placed

    def _own(self, documents: Array) -> Array:
        """Return the probabilities (n, leaves) of documents themselves, by the leaf's number."""
        leaves, log_p = self.tree.beam(documents, self.leaves)
        by_number = np.empty_like(log_p)
        np.put_along_axis(by_number, leaves, log_p, axis=1)
        return np.exp(by_number)


def load_router(path: Path) -> Router:
    """Read what a router of any kind saved; what stands beside the tree says which it was."""
    tree = TreeRouter.load(path)
    for kind in (ListRouter, EvidenceRouter):
        beside = _beside(path, kind.name)
        if beside.is_file():
            return kind(tree, load_file(beside)[kind.name])
    return tree


def _beside(path: Path, name: str) -> Path:
    return path.with_suffix(f".{name}{path.suffix}")


def _flat(vectors: Array) -> Any:
    """Return a Faiss index of exact search among vectors (rows, m)."""
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return index
