"""The index of EHI: the documents of each leaf as a Faiss inverted list, routed by the tree."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from safetensors.numpy import load_file, save_file

from methods.base import Array, Cost, Hits, Index, Positions, Resources, Router
from methods.ehi.list_router import load_router
from methods.ehi.settings import TreeSettings
from methods.errors import InputError
from methods.ivf import fill_lists

if TYPE_CHECKING:
    from scipy import sparse


POSTINGS, LEAVES, ROUTER = "postings.faiss", "leaves.safetensors", "router.safetensors"


class TreeIndex(Index[Array]):
    """Postings in a Faiss IndexIVFFlat whose lists are the leaves; effort is the beam.

    The scan is `search_preassigned`, the code that IVF runs: the two methods differ in
    their routing and not in their engine.
    """

    def __init__(self, settings: TreeSettings, resources: Resources) -> None:
        self._copies = settings.leaves_per_document

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Place each document vector (documents, dimensions) in its most probable leaves."""
        import faiss

        if router is None:
            raise InputError("a tree index needs a trainer that learns a tree, such as ehi")
        self._router = router
        if self._copies > router.leaves:
            raise InputError(
                f"tree.leaves_per_document is {self._copies} "
                f"but the tree has {router.leaves} leaves"
            )
        dimensions = documents.shape[1]
        self._index = faiss.IndexIVFFlat(  # its quantizer is never asked: lists are given
            faiss.IndexFlatIP(dimensions), dimensions, router.leaves, faiss.METRIC_INNER_PRODUCT
        )
        self._index.is_trained = True
        self._leaves = router.place(documents, self._copies)
        fill_lists(self._index, documents, self._leaves)

    def save(self, folder: Path) -> None:
        """Write the router, the postings and which leaves each document is in."""
        import faiss

        faiss.write_index(self._index, str(folder / POSTINGS))
        save_file({"leaves": np.ascontiguousarray(self._leaves)}, folder / LEAVES)
        self._router.save(folder / ROUTER)

    def load(self, folder: Path, documents: Array) -> None:
        """Read the router and the postings."""
        import faiss

        self._index = faiss.read_index(str(folder / POSTINGS))
        self._leaves = load_file(folder / LEAVES)["leaves"]
        self._router = load_router(folder / ROUTER)

    def efforts(self) -> range:
        """Return beams from one leaf to all."""
        return range(1, self._router.leaves + 1)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents of the `effort` leaves each query's beam ends in."""
        leaves, probabilities = self._router.beam(queries, effort)
        self._index.nprobe = effort
        scores, ids = self._index.search_preassigned(
            queries, k * self._copies, leaves, probabilities
        )
        return Hits(ids, scores) if self._copies == 1 else without_repeats(ids, scores, k)

    def cost(self, queries: Array, effort: int) -> Cost:
        """Count the distinct documents of the beam's leaves; each copy scored costs its MACs."""
        documents = len(self._leaves)
        postings = _membership(self._leaves, self._router.leaves).T.tocsr()
        leaves, _ = self._router.beam(queries, effort)
        visited = np.empty(len(queries), dtype=np.int64)
        rows = max(1, (1 << 26) // documents)  # a chunk's visits are at most rows x documents
        for start in range(0, len(queries), rows):
            chunk = _membership(leaves[start : start + rows], self._router.leaves)
            visited[start : start + rows] = np.diff((chunk @ postings).indptr)
        scanned = np.bincount(self._leaves.ravel(), minlength=self._router.leaves)[leaves].sum(
            axis=1
        )
        route = np.full(len(queries), self._router.macs(effort), dtype=np.int64)
        return Cost(visited, scanned * self._index.d, route)


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


def _membership(leaves: Positions, count: int) -> "sparse.csr_array":
    """Return the sparse 0/1 matrix (rows, count) of which leaves each row holds."""
    from scipy import sparse

    rows, width = leaves.shape
    ones = np.ones(rows * width, dtype=np.float32)
    starts = np.arange(rows + 1) * width
    return sparse.csr_array((ones, leaves.ravel(), starts), shape=(rows, count))
