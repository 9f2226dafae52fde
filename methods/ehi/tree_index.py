"""The index of EHI: the documents of each leaf as a Faiss inverted list, routed by the tree."""

from pathlib import Path
from typing import Any

import numpy as np

from methods.base import Array, Cost, Hits, Positions, Resources, Router
from methods.ehi.list_router import load_router
from methods.ehi.settings import TreeSettings
from methods.errors import InputError
from methods.posting_lists import PostingIndex, PostingLists

POSTINGS, ROUTER = "postings.faiss", "router.safetensors"


class TreeIndex(PostingIndex):
    """Postings in a Faiss IndexIVFFlat whose lists are the leaves; effort is the beam.

    The scan is `search_preassigned`, the code that IVF runs: the two methods differ in
    their routing and not in their engine.
    """

    router: Router

    def __init__(self, settings: TreeSettings, resources: Resources) -> None:
        self.copies = settings.leaves_per_document

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Place each document vector (documents, dimensions) in its most probable leaves."""
        import faiss

        if router is None:
            raise InputError("a tree index needs a trainer that learns a tree, such as ehi")
        if self.copies > router.leaves:
            raise InputError(
                f"tree.leaves_per_document is {self.copies} but the tree has {router.leaves} leaves"
            )
        dimensions = documents.shape[1]
        index = faiss.IndexIVFFlat(  # its quantizer is never asked: lists are given
            faiss.IndexFlatIP(dimensions), dimensions, router.leaves, faiss.METRIC_INNER_PRODUCT
        )
        index.is_trained = True
        self._keep(index, router)
        self.postings.fill(documents)

    def save(self, folder: Path) -> None:
        """Write the router and the postings."""
        import faiss

        faiss.write_index(self.postings.index, str(folder / POSTINGS))
        self.router.save(folder / ROUTER)

    def load(self, folder: Path, documents: Array) -> None:
        """Read the router and the postings."""
        import faiss

        self._keep(faiss.read_index(str(folder / POSTINGS)), load_router(folder / ROUTER))

    def efforts(self) -> range:
        """Return beams from one leaf to all."""
        return range(1, self.router.leaves + 1)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents of the `effort` leaves each query's beam ends in."""
        leaves, probabilities = self.router.beam(queries, effort)
        index = self.postings.index
        index.nprobe = effort
        scores, ids = index.search_preassigned(queries, k * self.copies, leaves, probabilities)
        return Hits(ids, scores) if self.copies == 1 else without_repeats(ids, scores, k)

    def cost(self, queries: Array, effort: int) -> Cost:
        """Count the distinct documents of the beam's leaves; each copy scored costs its MACs."""
        leaves, _ = self.router.beam(queries, effort)
        scanned = self.postings.sizes[leaves].sum(axis=1)
        route = np.full(len(queries), self.router.macs(effort), dtype=np.int64)
        return Cost(self.postings.visited(leaves), scanned * self.postings.index.d, route)

    def _keep(self, index: Any, router: Router) -> None:
        self.router = router
        self.postings = PostingLists(index, self._place)

    def _place(self, documents: Array) -> Positions:
        """Return the leaves (n, copies) that documents (n, dimensions) belong in."""
        return self.router.place(documents, self.copies)


def without_repeats(ids: Positions, scores: Array, k: int) -> Hits:
    """Return the first `k` distinct documents of rows sorted by falling score."""
    order = np.argsort(ids, axis=1, kind="stable")
    by_id = np.take_along_axis(ids, order, axis=1)
    repeats = np.zeros(ids.shape, dtype=np.bool_)
    np.put_along_axis(repeats, order[:, 1:], by_id[:, 1:] == by_id[:, :-1], axis=1)
    kept = np.argsort(repeats | (ids < 0), axis=1, kind="stable")[:, :k]
    missing = np.take_along_axis(repeats | (ids < 0), kept, axis=1)
    return Hits(
        np.where(missing, -1, np.take_along_axis(ids, kept, axis=1)),
        np.where(missing, np.finfo(np.float32).min, np.take_along_axis(scores, kept, axis=1)),
    )
