"""Posting lists in a Faiss inverted file, searched and kept up to date as documents come and go."""

from collections.abc import Callable
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from methods.base import Array, Hits, Positions
from methods.errors import InputError

if TYPE_CHECKING:
    from scipy import sparse

CHUNK = 1 << 26
"""The largest number of (query, document) pairs that are counted at once."""

AssignLists = Callable[[Array], Positions]
"""Returns the lists (n, copies) that each vector (n, dimensions) belongs in."""


class PostingLists:
    """An IndexIVFFlat whose documents are in the lists that `assign` gives, one copy in each.

    By default a document is in the list with the nearest centroid. The lists hold vectors as
    `transform` returns them, by default unchanged. The Faiss index is the whole state; counts
    derived from it are cached until the next change. Nobody else touches the Faiss index.
    """

    def __init__(
        self,
        index: Any,
        assign: AssignLists | None = None,
        transform: Callable[[Array], Array] = lambda vectors: vectors,
    ) -> None:
        self._index = index
        self._assign = assign or (lambda vectors: self.nearest_lists(vectors, 1))
        self._transform = transform

    def __len__(self) -> int:
        """Return the number of lists."""
        return int(self._index.nlist)

    @property
    def dimensions(self) -> int:
        """The width of the vectors in the lists, after `transform`."""
        return int(self._index.d)

    def fill(self, documents: Array) -> None:
        """Put documents (n, dimensions) with the ids 0..n-1 into the lists, which are empty."""
        lists = self._assign(documents)
        append(self._index, np.arange(len(documents)), self._transform(documents), lists)
        self._forget_counts()  # `assign` may have asked for the sizes of the empty lists

    def write(self, path: Path) -> None:
        """Write the lists in Faiss's format."""
        import faiss

        faiss.write_index(self._index, str(path))

    def to_faiss(self, probes: int) -> Any:
        """Return the Faiss index itself, set to search `probes` lists."""
        self._index.nprobe = probes
        return self._index

    def nearest_lists(self, vectors: Array, count: int) -> Positions:
        """Return the `count` lists (n, count) whose centroids Faiss finds nearest to each vector.

        `vectors` (n, dimensions) are as in the lists, after `transform`.
        """
        lists: Positions = self._index.quantizer.search(vectors, count)[1]
        return lists

    def search(self, queries: Array, k: int, probes: int) -> Hits:
        """Return the best `k` entries of the `probes` lists nearest to each query (n, dimensions).

        `queries` are as in the lists, after `transform`. A document is returned once per copy.
        """
        scores, ids = self.to_faiss(probes).search(queries, k)
        return Hits(ids, scores)

    def search_in(self, queries: Array, k: int, lists: Positions, list_scores: Array) -> Hits:
        """Return the best `k` entries of the given `lists` (n, probes), as `search` does.

        `list_scores` (n, probes) are the scores of the lists, which Faiss asks for.
        """
        index = self.to_faiss(lists.shape[1])
        scores, ids = index.search_preassigned(queries, k, lists, list_scores)
        return Hits(ids, scores)

    def add(self, ids: Positions, vectors: Array) -> None:
        """Put documents (n, dimensions) with new ids (n,) into the lists they belong in.

        Raise InputError, with nothing changed, if an id is not new or the vectors do not fit.
        """
        ids = _as_ids(ids)
        _check_vectors(vectors, len(ids), self.dimensions)
        known = self._contains(ids)
        if known.any():
            raise InputError(f"document {ids[known][0]} is in the index already; remove it first")
        append(self._index, ids, self._transform(vectors), self._assign(vectors))
        new = np.sort(ids)
        self.ids = np.insert(self.ids, np.searchsorted(self.ids, new), new)
        self._forget_counts()

    def remove(self, ids: Positions) -> None:
        """Remove documents from all their lists.

        Raise InputError, with nothing changed, if one is not in the index.
        """
        ids = _as_ids(ids)
        absent = ~self._contains(ids)
        if absent.any():
            raise InputError(f"document {ids[absent][0]} is not in the index")
        self._index.remove_ids(ids)
        self.ids = np.delete(self.ids, np.searchsorted(self.ids, ids))
        self._forget_counts()

    @cached_property
    def ids(self) -> Positions:
        """The distinct ids of the documents, in ascending order."""
        return np.unique(self._entries)

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """The number of entries in each list."""
        return list_sizes(self._index)

    def visited(self, lists: Positions) -> NDArray[np.int64]:
        """Return how many distinct documents are in the lists (n, probes) of each query."""
        counts = np.empty(len(lists), dtype=np.int64)
        rows = max(1, CHUNK // max(1, len(self.ids)))
        for start in range(0, len(lists), rows):
            chunk = _one_hot(lists[start : start + rows], len(self))
            counts[start : start + rows] = np.diff((chunk @ self._documents).indptr)
        return counts

    def _contains(self, ids: Positions) -> NDArray[np.bool_]:
        first, end = (np.searchsorted(self.ids, ids, side) for side in ("left", "right"))
        return first < end

    @property
    def _entries(self) -> Positions:
        """The ids in the lists, one list after the other."""
        import faiss

        invlists = self._index.invlists
        lists = [
            faiss.rev_swig_ptr(invlists.get_ids(number), size)
            for number, size in enumerate(self.sizes.tolist())
            if size
        ]
        return np.concatenate([np.zeros(0, dtype=np.int64), *lists])

    @cached_property
    def _documents(self) -> "sparse.csr_array":
        """The sparse 0/1 matrix (lists, documents) that says which documents are in each list."""
        from scipy import sparse

        columns = np.searchsorted(self.ids, self._entries)
        starts = np.concatenate([[0], np.cumsum(self.sizes)])
        ones = np.ones(len(columns), dtype=np.float32)
        return sparse.csr_array((ones, columns, starts), shape=(len(self), len(self.ids)))

    def _forget_counts(self) -> None:
        for name in ("sizes", "_documents"):
            self.__dict__.pop(name, None)


def append(index: Any, ids: Positions, vectors: Array, lists: Positions) -> None:
    """Put each vector (n, dimensions) with its id (n,) into its `lists` (n, copies).

    An empty list of an IndexIVFFlat is filled at once and takes only the memory it needs; with
    Faiss's own `add`, lists grow by doubling and take about 1.4 times as much.
    """
    import faiss

    flat = lists.ravel()
    order = np.argsort(flat, kind="stable")
    numbers, starts = np.unique(flat[order], return_index=True)
    bounds = pairwise([*starts.tolist(), len(order)])
    for number, (start, end) in zip(numbers.tolist(), bounds, strict=True):
        rows = order[start:end] // lists.shape[1]
        new_ids = np.ascontiguousarray(ids[rows])
        codes = np.ascontiguousarray(vectors[rows]).view(np.uint8)
        index.invlists.add_entries(
            number, len(rows), faiss.swig_ptr(new_ids), faiss.swig_ptr(codes)
        )
    index.ntotal += len(order)


def list_sizes(index: Any) -> NDArray[np.int64]:
    """Return the number of entries in each list of a Faiss inverted file."""
    return np.array([index.invlists.list_size(i) for i in range(index.nlist)], dtype=np.int64)


def _as_ids(ids: Positions) -> Positions:
    """Return ids as int64. Raise InputError unless they are distinct whole numbers from 0 on."""
    ids = np.asarray(ids)
    if ids.ndim != 1 or ids.dtype.kind not in "iu":
        raise InputError(
            f"ids must be a one-dimensional array of integers, got {ids.dtype} of shape {ids.shape}"
        )
    ids = ids.astype(np.int64)
    ordered = np.sort(ids)
    if len(ids) and ordered[0] < 0:
        raise InputError(f"ids must be from 0 to 2^63 - 1, got {ordered[0]}")
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    if len(repeated):
        raise InputError(f"duplicate id {repeated[0]} in one call; give each document once")
    return ids


def _check_vectors(vectors: Array, count: int, dimensions: int) -> None:
    if vectors.dtype != np.float32 or vectors.shape != (count, dimensions):
        raise InputError(
            f"{count} ids need float32 vectors of shape {(count, dimensions)}, "
            f"got {vectors.dtype} of shape {vectors.shape}"
        )
    if not np.isfinite(vectors).all():
        raise InputError("the vectors contain NaN or an infinite value; leave these documents out")


def _one_hot(lists: Positions, count: int) -> "sparse.csr_array":
    """Return the sparse 0/1 matrix (n, count) with a one for each of the `lists` (n, probes)."""
    from scipy import sparse

    columns = lists.ravel()
    starts = np.arange(0, len(columns) + 1, lists.shape[1])
    ones = np.ones(len(columns), dtype=np.float32)
    return sparse.csr_array((ones, columns, starts), shape=(len(starts) - 1, count))
