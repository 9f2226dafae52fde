"""The documents removed from a graph: searches go through them, but do not return them.

Without its node, the links through a document would be lost, so it stays in the graph as a
tombstone. Building the index again without it is the only way to get its memory and time back.
"""

from pathlib import Path
from typing import Any

import numpy as np

from methods.base import Positions
from methods.errors import InputError
from methods.forms.list_entries import as_ids

FILE = "removed.npy"


class Tombstones:
    """The positions of the removed documents, in ascending order."""

    def __init__(self, removed: Positions | None = None) -> None:
        self._removed = np.zeros(0, dtype=np.int64) if removed is None else removed

    def __len__(self) -> int:
        """Return how many documents were removed."""
        return len(self._removed)

    @staticmethod
    def read(folder: Path) -> "Tombstones":
        """Read what `write` wrote."""
        path = folder / FILE
        return Tombstones(np.load(path) if path.exists() else None)

    def write(self, folder: Path) -> None:
        """Write the positions, and no file if there are none."""
        if len(self):
            np.save(folder / FILE, self._removed)
        else:
            (folder / FILE).unlink(missing_ok=True)

    def mark(self, ids: Positions, nodes: int) -> Positions:
        """Remove documents `ids` (n,) of a graph of `nodes`, and return them.

        Raise InputError, with nothing changed, if one is not in the graph or removed already.
        """
        ids = as_ids(ids)
        absent = (ids >= nodes) | np.isin(ids, self._removed)
        if absent.any():
            raise InputError(f"document {ids[absent][0]} is not in the index")
        self._removed = np.union1d(self._removed, ids)
        return ids

    def faiss_parameters(self, nodes: int) -> Any:
        """Return parameters with which Faiss returns the other documents of a graph of `nodes`.

        They are None if nothing was removed. They replace the graph's efSearch by their own.
        """
        import faiss

        if not len(self):
            return None
        is_kept = np.ones(nodes, dtype=np.bool_)
        is_kept[self._removed] = False
        kept = faiss.IDSelectorBitmap(np.packbits(is_kept, bitorder="little"))
        return faiss.SearchParametersHNSW(sel=kept)
