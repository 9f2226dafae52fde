"""The entries of a Faiss inverted file: filling its lists, and checking what is to be added."""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from methods.base import Array, Positions
from methods.errors import InputError


def append(index: Any, ids: Positions, vectors: Array, lists: Positions) -> None:
    """Put each vector (n, dimensions) with its id (n,) into its `lists` (n, copies).

    An empty list is filled at once and takes only the memory it needs; with Faiss's own `add`,
    lists grow by doubling and take about 1.4 times as much.
    """
    import faiss

    flat = lists.ravel()
    order = np.argsort(flat, kind="stable")
    numbers, starts = np.unique(flat[order], return_index=True)
    bounds = pairwise([*starts.tolist(), len(order)])
    for number, (start, end) in zip(numbers.tolist(), bounds, strict=True):
        rows = order[start:end] // lists.shape[1]
        new_ids = np.ascontiguousarray(ids[rows])
        in_list = np.full(len(rows), number, dtype=np.int64)
        codes = encoded(index, np.ascontiguousarray(vectors[rows]), in_list)
        _put(faiss.downcast_InvertedLists(index.invlists), number, new_ids, codes)
    index.ntotal += len(order)


def encoded(index: Any, vectors: Array, lists: Positions) -> NDArray[np.uint8]:
    """Return the codes (n, bytes) of vectors (n, dimensions) as their `lists` (n,) hold them."""
    import faiss

    codes = np.zeros((len(vectors), index.code_size), dtype=np.uint8)
    index.encode_vectors(
        len(vectors), faiss.swig_ptr(vectors), faiss.swig_ptr(lists), faiss.swig_ptr(codes)
    )
    return codes


def list_sizes(index: Any) -> NDArray[np.int64]:
    """Return the number of entries in each list of a Faiss inverted file."""
    return np.array([index.invlists.list_size(i) for i in range(index.nlist)], dtype=np.int64)


def entries(index: Any, sizes: NDArray[np.int64]) -> Positions:
    """Return the ids in the lists of the given sizes, one list after the other."""
    import faiss

    lists = [
        faiss.rev_swig_ptr(index.invlists.get_ids(number), size)
        for number, size in enumerate(sizes.tolist())
        if size
    ]
    return np.concatenate([np.zeros(0, dtype=np.int64), *lists])


def as_ids(ids: Positions) -> Positions:
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


def check_vectors(vectors: Array, count: int, dimensions: int) -> None:
    """Raise InputError unless the vectors are finite float32 of shape (count, dimensions)."""
    if vectors.dtype != np.float32 or vectors.shape != (count, dimensions):
        raise InputError(
            f"{count} ids need float32 vectors of shape {(count, dimensions)}, "
            f"got {vectors.dtype} of shape {vectors.shape}"
        )
    if not np.isfinite(vectors).all():
        raise InputError("the vectors contain NaN or an infinite value; leave these documents out")


def _put(lists: Any, number: int, ids: Positions, codes: NDArray[np.uint8]) -> None:
    """Append codes (n, bytes) with their ids (n,) to list `number`."""
    import faiss

    if not isinstance(lists, faiss.BlockInvertedLists):
        lists.add_entries(number, len(ids), faiss.swig_ptr(ids), faiss.swig_ptr(codes))
        return
    # Faiss's own add_entries writes past the end of a list of some multiples of the block's size.
    size = lists.list_size(number)
    lists.resize(number, size + len(ids))
    faiss.rev_swig_ptr(lists.get_ids(number), size + len(ids))[size:] = ids
    per_block = lists.n_per_block
    count = -(-(size + len(ids)) // per_block)
    blocks = faiss.rev_swig_ptr(lists.get_codes(number), count * lists.block_size)
    blocks = blocks.reshape(count, lists.block_size)
    for place, code in enumerate(codes, start=size):
        block = place // per_block
        lists.packer.pack_1(code, place % per_block, blocks[block : block + 1])
