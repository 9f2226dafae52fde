"""Inverted lists as one matrix of vectors with offsets, without padding to the longest list."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from methods.base import Array, Positions
from methods.errors import InputError

FILE = "lists.safetensors"


@dataclass(frozen=True)
class InvertedLists:
    """The entries of list i are the rows `offsets[i]` to `offsets[i + 1]` of the others.

    `vectors` (entries, dimensions) are in fp32, fp16 or bf16, `ids` (entries,) and `offsets`
    (lists + 1,) in int64, all on one device.
    """

    vectors: Tensor
    ids: Tensor
    offsets: Tensor

    @staticmethod
    def filled(vectors: Array, ids: Positions, lists: Positions, count: int) -> "InvertedLists":
        """Return `count` lists with each vector (n, dimensions) in its `lists` (n, copies)."""
        flat = lists.ravel()
        order = np.argsort(flat, kind="stable")
        rows = order // lists.shape[1]
        sizes = np.bincount(flat, minlength=count)
        return InvertedLists(
            torch.from_numpy(np.asarray(vectors[rows], dtype=np.float32)),
            torch.from_numpy(ids[rows]),
            torch.from_numpy(np.concatenate([[0], np.cumsum(sizes)])),
        )

    def __len__(self) -> int:
        """Return the number of lists."""
        return len(self.offsets) - 1

    @cached_property
    def sizes(self) -> Tensor:
        """The number of entries in each list."""
        return self.offsets.diff()

    def list_of_entries(self) -> Positions:
        """Return the list (entries,) of each entry."""
        return np.repeat(np.arange(len(self)), self.sizes.cpu().numpy())

    def to(self, device: str, dtype: torch.dtype = torch.float32) -> "InvertedLists":
        """Return the lists on a device, with vectors of a type."""
        vectors = self.vectors.to(device, dtype)
        return replace(
            self, vectors=vectors, ids=self.ids.to(device), offsets=self.offsets.to(device)
        )

    def save(self, path: Path, **others: Tensor) -> None:
        """Write the lists and `others` into one file.

        Raise InputError if the vectors are rounded, because every search would then read those.
        """
        if self.vectors.dtype != torch.float32:
            raise InputError(
                f"lists in {self.vectors.dtype} are not saved; build the index in fp32, and choose "
                "the type when it is loaded"
            )
        tensors = {"vectors": self.vectors, "ids": self.ids, "offsets": self.offsets, **others}
        save_file({name: each.cpu().contiguous() for name, each in tensors.items()}, path)

    @staticmethod
    def load(path: Path) -> tuple["InvertedLists", dict[str, Tensor]]:
        """Return the lists and the others that `save` wrote."""
        tensors = load_file(path)
        lists = InvertedLists(*(tensors.pop(name) for name in ("vectors", "ids", "offsets")))
        return lists, tensors
