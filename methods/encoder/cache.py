"""Matrices on disk, named by what made them and memory-mapped when read."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from filelock import FileLock

from methods.atomic_files import file_sha256, new_file, write_json
from methods.base import Array


def cached_matrix(
    folder: Path,
    made_from: Mapping[str, object],
    shape: tuple[int, int],
    fill: Callable[[Array], None],
) -> Array:
    """Return the fp32 matrix of `shape` that `made_from` names, calling `fill` if it is not there.

    It is there whole or not at all, and one whose checksum does not hold is made again. A
    second process that wants it waits for the first.
    """
    name = hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()[:32]
    path, note = folder / f"{name}.npy", folder / f"{name}.json"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / f"{name}.lock"):
        if not _is_whole(path, note):
            with new_file(path) as draft:
                write_matrix(draft, shape, fill)
                with new_file(note) as draft_note:
                    write_json(draft_note, {**made_from, "sha256": file_sha256(draft)})
    loaded: Array = np.load(path, mmap_mode="r")
    return loaded


def write_matrix(path: Path, shape: tuple[int, int], fill: Callable[[Array], None]) -> None:
    """Write the fp32 matrix of `shape` that `fill` fills, without holding it in memory."""
    matrix = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
    if hasattr(os, "posix_fallocate"):  # else a full disk is a SIGBUS, and not an error
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    fill(matrix)
    matrix.flush()


def _is_whole(path: Path, note: Path) -> bool:
    try:
        expected = json.loads(note.read_text())["sha256"]
        return path.is_file() and file_sha256(path) == expected
    except (OSError, ValueError, KeyError):
        return False
