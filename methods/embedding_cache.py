"""Matrices on disk, named by what made them and memory-mapped when read."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from methods.base import Array
from methods.encoders import file_sha256


def cached_matrix(
    folder: Path,
    made_from: Mapping[str, object],
    shape: tuple[int, int],
    fill: Callable[[Array], None],
) -> Array:
    """Return the fp32 matrix of `shape` that `made_from` names, calling `fill` if it is not there.

    The matrix is written beside its place and renamed into it, so that a killed process
    leaves none or all of it. One whose checksum does not hold is made again.
    """
    name = hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()[:32]
    path, note = folder / f"{name}.npy", folder / f"{name}.json"
    if not _is_whole(path, note):
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f"{name}.{os.getpid()}.partial"
        try:
            matrix = np.lib.format.open_memmap(partial, mode="w+", dtype=np.float32, shape=shape)
            fill(matrix)
            matrix.flush()
            note.write_text(json.dumps({**made_from, "sha256": file_sha256(partial)}, indent=1))
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    loaded: Array = np.load(path, mmap_mode="r")
    return loaded


def _is_whole(path: Path, note: Path) -> bool:
    try:
        expected = json.loads(note.read_text())["sha256"]
        return path.is_file() and file_sha256(path) == expected
    except (OSError, ValueError, KeyError):
        return False
