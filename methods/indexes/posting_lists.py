"""The posting lists of a Faiss inverted file, kept up as documents come and go."""

from collections.abc import Callable
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from methods.base import Array, Index, Positions, Router
from methods.errors import InputError

if TYPE_CHECKING:
    from scipy import sparse

CHUNK = 1 << 26
"""The most visits, a query times a document, that are counted at once."""

Place = Callable[[Array], Positions]
"""Returns the lists (n, copies) that each vector (n, dimensions) belongs in."""


class PostingLists:
    """An IndexIVFFlat whose documents lie where `place` puts them, each in as many lists.

    It holds what `scanned` makes of them, which is what it is searched by. The Faiss index is
    the whole state; what is counted from it is counted again after a change.
    """

    def __init__(self, index: Any, place: Place, scanned: Callable[[Array], Array]) -> None:
        self.index = index
        self._place = place
        self._scanned = scanned

    def fill(self, documents: Array) -> None:
        """Put documents (n, dimensions) with the ids 0..n-1 into the lists, which are empty."""
        lists = self._place(documents)
        append(self.index, np.arange(len(documents)), self._scanned(documents), lists)
        self._count_again()  # placing may have counted what was there before

    def add(self, ids: Positions, vectors: Array) -> None:
        """Put documents (n, dimensions) with new ids (n,) into the lists they belong in.

        Raise InputError, with nothing changed, where the ids are no new ones or the vectors of
        another width.
        """
        ids = _as_ids(ids)
        _check_vectors(vectors, len(ids), self.index.d)
        held = self._held(ids)
        if held.any():
            raise InputError(f"document {ids[held][0]} is in the index already; remove it first")
        append(self.index, ids, self._scanned(vectors), self._place(vectors))
        new = np.sort(ids)
        self.ids = np.insert(self.ids, np.searchsorted(self.ids, new), new)
        self._count_again()

    def remove(self, ids: Positions) -> None:
        """Take documents out of all their lists.

        Raise InputError, with nothing changed, where one is not there.
        """
        ids = _as_ids(ids)
        absent = ~self._held(ids)
        if absent.any():
            raise InputError(f"document {ids[absent][0]} is not in the index")
        self.index.remove_ids(ids)
        self.ids = np.delete(self.ids, np.searchsorted(self.ids, ids))
        self._count_again()

    @cached_property
    def ids(self) -> Positions:
        """The ids of the documents, rising, each once."""
        return np.unique(self._entries)

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """The number of documents in each list."""
        return list_sizes(self.index)

    def visited(self, lists: Positions) -> NDArray[np.int64]:
        """Return how many distinct documents each row of `lists` (n, lists of a query) holds."""
        counts = np.empty(len(lists), dtype=np.int64)
        rows = max(1, CHUNK // max(1, len(self.ids)))
        for start in range(0, len(lists), rows):
            chunk = _rows_of(lists[start : start + rows].ravel(), lists.shape[1], len(self.sizes))
            counts[start : start + rows] = np.diff((chunk @ self._documents).indptr)
        return counts

    def _held(self, ids: Positions) -> NDArray[np.bool_]:
        first, behind = (np.searchsorted(self.ids, ids, side) for side in ("left", "right"))
        return first < behind

    @property
    def _entries(self) -> Positions:
        """The ids in the lists, one list after the other."""
        import faiss

        held = self.index.invlists
        lists = [
            faiss.rev_swig_ptr(held.get_ids(number), size)
            for number, size in enumerate(self.sizes.tolist())
            if size
        ]
        return np.concatenate([np.zeros(0, dtype=np.int64), *lists])

    @cached_property
    def _documents(self) -> "sparse.csr_array":
        """The sparse 0/1 matrix (lists, documents) of what is in each list."""
        from scipy import sparse

        columns = np.searchsorted(self.ids, self._entries)
        starts = np.concatenate([[0], np.cumsum(self.sizes)])
        ones = np.ones(len(columns), dtype=np.float32)
        return sparse.csr_array((ones, columns, starts), shape=(len(self.sizes), len(self.ids)))

    def _count_again(self) -> None:
        for name in ("sizes", "_documents"):
            self.__dict__.pop(name, None)


class PostingIndex(Index[Array]):
    """An index that keeps its documents in posting lists, where they come and go untrained.

    `router` is what was learned to lead a query to lists, if anything was; where Faiss
    `routes_itself`, its quantizer does. A document is in `copies` lists.
    """

    postings: PostingLists
    router: Router | None = None
    routes_itself: bool = True
    copies: int = 1

    def to_faiss(self, effort: int) -> Any:
        """Return a Faiss index that does with vectors (n, dimensions) what `search` does.

        It scans `effort` lists: those of its quantizer, or, where it does not route itself, those
        that `search_preassigned` is given. Raise InputError where Faiss has no such index.
        """
        self.postings.index.nprobe = effort
        return self.postings.index

    def add(self, ids: Positions, documents: Array) -> None:
        """Put each document (n, dimensions) with its new id (n,) into the lists it belongs in."""
        self.postings.add(ids, documents)

    def remove(self, ids: Positions) -> None:
        """Take documents out of all their lists."""
        self.postings.remove(ids)

    def posting_sizes(self) -> NDArray[np.int64]:
        """Return the number of documents in each list, a copy counting as one."""
        return self.postings.sizes


def append(index: Any, ids: Positions, vectors: Array, lists: Positions) -> None:
    """Put each vector (n, dimensions) with its id (n,) into its `lists` (n, copies).

    A list of an IndexIVFFlat that is empty is filled at once and takes the memory it needs;
    Faiss's own `add` lets lists grow by doubling, to some 1.4 times of that.
    """
    import faiss

    flat = lists.ravel()
    order = np.argsort(flat, kind="stable")
    numbers, starts = np.unique(flat[order], return_index=True)
    bounds = pairwise([*starts.tolist(), len(order)])
    for number, (start, end) in zip(numbers.tolist(), bounds, strict=True):
        rows = order[start:end] // lists.shape[1]
        of_list = np.ascontiguousarray(ids[rows])
        codes = np.ascontiguousarray(vectors[rows]).view(np.uint8)
        index.invlists.add_entries(
            number, len(rows), faiss.swig_ptr(of_list), faiss.swig_ptr(codes)
        )
    index.ntotal += len(order)


def list_sizes(index: Any) -> NDArray[np.int64]:
    """Return the number of documents in each list of a Faiss inverted file."""
    return np.array([index.invlists.list_size(i) for i in range(index.nlist)], dtype=np.int64)


def _as_ids(ids: Positions) -> Positions:
    """Return ids as int64. Raise InputError unless they are whole, from 0 on and each once."""
    ids = np.asarray(ids)
    if ids.ndim != 1 or ids.dtype.kind not in "iu":
        raise InputError(f"ids are one row of whole numbers, not {ids.dtype} of shape {ids.shape}")
    ids = ids.astype(np.int64)
    ordered = np.sort(ids)
    if len(ids) and ordered[0] < 0:
        raise InputError(f"ids are whole numbers from 0 to 2^63 - 1, not {ordered[0]}")
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    if len(twice):
        raise InputError(f"document {twice[0]} stands twice in one call")
    return ids


def _check_vectors(vectors: Array, count: int, dimensions: int) -> None:
    if vectors.dtype != np.float32 or vectors.shape != (count, dimensions):
        raise InputError(
            f"{count} ids need float32 vectors of shape {(count, dimensions)}, "
            f"not {vectors.dtype} of shape {vectors.shape}"
        )
    if not np.isfinite(vectors).all():
        raise InputError("the vectors hold a value that is not finite")


def _rows_of(columns: Positions, width: int, count: int) -> "sparse.csr_array":
    """Return the sparse 0/1 matrix (rows, count) with `width` of the flat `columns` in each row."""
    from scipy import sparse

    starts = np.arange(0, len(columns) + 1, width)
    ones = np.ones(len(columns), dtype=np.float32)
    return sparse.csr_array((ones, columns, starts), shape=(len(starts) - 1, count))
