"""Build a Faiss inverted file on disk, part by part, without its entries in memory.

The file is the one that Faiss writes of the same lists, byte for byte: a header, the size of each
list, then each list's codes and ids. Faiss maps such a file and searches the lists in it.
"""

import struct
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from methods.atomic_files import reserve
from methods.base import Array, Positions
from methods.forms.list_entries import encoded
from methods.postings.memory_limit import MemoryLimit

NO_ENTRIES = b"sprs" + struct.pack("<Q", 0)
"""What Faiss's file of empty lists ends with: the sizes of none of them."""
ID_BYTES = 8

Assign = Callable[[Array], Positions]
"""Returns the lists (n, copies) of vectors (n, dimensions), which come in their order."""
Stored = Callable[[Array, Positions], Array]
"""Returns what is stored of vectors (n, dimensions) in their lists (n, copies)."""


def as_they_are(vectors: Array, lists: Positions) -> Array:
    """Return the vectors."""
    return vectors


def write_lists(
    path: Path,
    empty: Any,
    documents: Array,
    assign: Assign,
    copies: int,
    memory: MemoryLimit,
    stored: Stored = as_they_are,
) -> None:
    """Write the inverted file of document vectors (n, dimensions), whose ids are their positions.

    Args:
        path: The file to write.
        empty: A Faiss inverted file with codes but without entries, which stays without.
        documents: The vectors; if they are mapped, they are never all in memory.
        assign: Finds the lists of a part of them.
        copies: The number of lists of each document.
        memory: Bounds the size of a part, and has the folder for the lists of all documents.
        stored: What the lists hold of a part.
    """
    parts = memory.parts(len(documents), copies * max(documents.shape[1] * 4, empty.code_size))
    lists = memory.matrix("lists", (len(documents), copies), np.int64)
    sizes = np.zeros(empty.nlist, dtype=np.int64)
    for rows in parts:
        lists[rows] = assign(documents[rows])
        sizes += np.bincount(lists[rows].ravel(), minlength=empty.nlist)
    _write_sizes(path, empty, sizes)
    ends = path.stat().st_size + np.cumsum(sizes * (empty.code_size + ID_BYTES))
    reserve(path, int(ends[-1]))
    content = np.memmap(path, np.uint8, "r+")
    next_ids = ends - sizes * ID_BYTES
    next_codes = next_ids - sizes * empty.code_size
    for rows in parts:
        part = documents[rows]
        flat = lists[rows].ravel()
        order = np.argsort(flat, kind="stable")
        chosen, in_lists = order // copies, flat[order]
        ids = (chosen + rows.start).astype("<i8")[:, None].view(np.uint8)
        _put(content, next_ids, in_lists, ids)
        codes = encoded(empty, stored(part, lists[rows])[chosen], in_lists)
        _put(content, next_codes, in_lists, codes)
        del codes  # before the next part has its own
    content.flush()


def _write_sizes(path: Path, empty: Any, sizes: NDArray[np.int64]) -> None:
    """Write Faiss's file of empty lists, but as if they had entries, which are still to follow."""
    import faiss

    empty.ntotal = int(sizes.sum())
    faiss.write_index(empty, str(path))
    empty.ntotal = 0
    filled = np.flatnonzero(sizes)
    if len(filled) > len(sizes) // 2:
        kind, numbers = b"full", sizes
    else:
        kind, numbers = b"sprs", np.stack([filled, sizes[filled]], axis=1).ravel()
    with path.open("r+b") as file:
        file.seek(-len(NO_ENTRIES), 2)
        assert file.read() == NO_ENTRIES, "Faiss writes empty lists in another way"
        file.seek(-len(NO_ENTRIES), 2)
        file.write(kind + struct.pack("<Q", len(numbers)) + numbers.astype("<u8").tobytes())


def _put(
    content: NDArray[np.uint8], places: Positions, lists: Positions, values: NDArray[np.uint8]
) -> None:
    """Copy values (entries, bytes), list by list, to the `places` of the lists; move these on."""
    width = values.shape[1]
    numbers, starts = np.unique(lists, return_index=True)
    bounds = pairwise([*starts.tolist(), len(lists)])
    for number, (start, end) in zip(numbers.tolist(), bounds, strict=True):
        place = int(places[number])
        places[number] += (end - start) * width
        content[place : place + (end - start) * width] = values[start:end].ravel()
