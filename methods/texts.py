"""Sequences of many strings, packed as UTF-8 instead of one Python object each."""

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self, overload

import numpy as np
from numpy.typing import NDArray

PACKED = "packed.npy"
ENDS = "ends.npy"


class Texts(Sequence[str]):
    """A sequence of strings in one buffer, filled from any iterable or by `append`.

    It takes the UTF-8 bytes and 8 bytes per string, so a corpus of millions fits in memory and
    can be read in any order. Lone surrogates become "?", which tokenisers accept. What is mapped
    from files takes no memory of its own; another process that is sent it maps the same files.
    """

    _folder: Path | None = None  # of the files that are mapped
    _packed: bytearray | memoryview
    _ends: "array[int] | memoryview"

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._packed = bytearray()
        self._ends = array("q")
        for text in texts:
            self.append(text)

    def save(self, folder: Path) -> None:
        """Write the strings to a new folder."""
        folder.mkdir()
        np.save(folder / PACKED, np.asarray(self._packed, dtype=np.uint8))
        np.save(folder / ENDS, np.asarray(self._ends, dtype=np.int64))

    @classmethod
    def mapped(cls, folder: Path) -> Self:
        """Return the strings that were saved to a folder, mapped from its files and read-only."""
        texts = cls()
        texts._folder = folder
        texts._packed = memoryview(np.load(folder / PACKED, mmap_mode="r"))
        texts._ends = memoryview(np.load(folder / ENDS, mmap_mode="r"))
        return texts

    def __reduce__(self) -> tuple[Any, ...]:
        if self._folder is None:
            return type(self), (list(self),)
        return type(self).mapped, (self._folder,)

    def append(self, text: str) -> None:
        """Add a string at the end."""
        assert isinstance(self._packed, bytearray) and isinstance(self._ends, array)
        self._packed += text.encode(errors="replace")
        self._ends.append(len(self._packed))

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, position: int) -> str: ...
    @overload
    def __getitem__(self, position: slice) -> list[str]: ...
    def __getitem__(self, position: int | slice) -> str | list[str]:
        if isinstance(position, slice):
            return [self[i] for i in range(*position.indices(len(self)))]
        if position < 0:
            position += len(self)
        start = self._ends[position - 1] if position > 0 else 0
        return str(self._packed[start : self._ends[position]], "utf-8")

    def __iter__(self) -> Iterator[str]:
        start = 0
        for end in self._ends:
            yield str(self._packed[start:end], "utf-8")
            start = end

    def sizes(self, rows: slice = slice(None)) -> NDArray[np.int64]:
        """Return the length of each string, or of those in some rows, in UTF-8 bytes."""
        start, stop, _step = rows.indices(len(self))
        ends = np.array(self._ends[start:stop], dtype=np.int64)
        before = self._ends[start - 1] if start else 0
        sizes: NDArray[np.int64] = np.diff(ends, prepend=before)
        return sizes

    def digest(self) -> str:
        """Return a sha256 over the strings and their boundaries."""
        checksum = hashlib.sha256(self._packed)
        checksum.update(self._ends)
        return checksum.hexdigest()


class Ids(Texts):
    """Unique identifiers, found by name through sorted 64-bit hashes (16 bytes per id)."""

    def append(self, text: str) -> None:
        """Add an id at the end."""
        super().append(text)
        self.__dict__.pop("_by_hash", None)

    @cached_property
    def _by_hash(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        hashes = np.fromiter((hash(name) for name in self), dtype=np.int64, count=len(self))
        order = np.argsort(hashes, kind="stable")
        return hashes[order], order

    def find(self, name: str) -> int:
        """Return the position of `name`, or -1."""
        hashes, order = self._by_hash
        row = int(np.searchsorted(hashes, hash(name)))
        while row < len(hashes) and hashes[row] == hash(name):
            if self[int(order[row])] == name:
                return int(order[row])
            row += 1
        return -1

    def first_duplicate(self) -> tuple[int, int] | None:
        """Return both positions of the duplicate id that repeats first, or None."""
        hashes, order = self._by_hash
        candidates = np.flatnonzero(hashes[1:] == hashes[:-1])
        repeats = [
            (int(order[row]), int(order[row + 1]))
            for row in candidates
            if self[int(order[row])] == self[int(order[row + 1])]
        ]
        return min(repeats, key=lambda pair: pair[1], default=None)
