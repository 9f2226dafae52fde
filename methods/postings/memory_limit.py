"""A bound on the memory in which an index is built, and files for what does not fit into it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from methods.atomic_files import reserve

BLOCK = 4096
"""Parts are multiples of it: Faiss scores this many vectors at a time, and fewer than twenty in
another way, which may round differently."""
PARTS_IN_MEMORY = 4
"""A part, its copy in the order of the lists, and its codes; the rest of the memory is for what
does not grow with the part, such as centroids and scores."""


@dataclass(frozen=True)
class MemoryLimit:
    """The anonymous memory that a computation may take, in bytes, and a folder for what is larger.

    Mapped files do not count: the system drops their pages when it needs the memory.
    """

    bytes: int
    folder: Path

    def parts(self, rows: int, row_bytes: int) -> list[slice]:
        """Return slices of a matrix of `rows` rows, each of which fits with its copies."""
        fitting = self.bytes // (PARTS_IN_MEMORY * row_bytes)
        length = max(1, fitting // BLOCK) * BLOCK
        starts = list(range(0, rows, length))
        if len(starts) > 1 and rows - starts[-1] < BLOCK:
            starts.pop()
        return [slice(*each) for each in zip(starts, [*starts[1:], rows], strict=True)]

    def matrix(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """Return an array of zeros in a new file. Raise OSError if the disk is full."""
        path = self.folder / f"{name}.npy"
        matrix: NDArray[Any] = np.lib.format.open_memmap(path, "w+", dtype, shape)
        reserve(path)
        return matrix
