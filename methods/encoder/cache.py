"""A disk cache of matrices, named by a hash of their key and memory-mapped when read."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from filelock import FileLock

from methods.atomic_files import file_sha256, new_file, reserve, write_json
from methods.base import Array


def cached_matrix(
    folder: Path,
    cache_key: Mapping[str, object],
    shape: tuple[int, int],
    fill: Callable[[Array], None],
) -> Array:
    """Return the fp32 matrix of `shape` under `cache_key`, computed by `fill` if it is missing.

    It is written atomically, and computed again if its checksum is wrong. A second process that
    asks for the same matrix waits for the first.
    """
    name = hashlib.sha256(json.dumps(cache_key, sort_keys=True).encode()).hexdigest()[:32]
    path, note = folder / f"{name}.npy", folder / f"{name}.json"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / f"{name}.lock"):
        if not _is_whole(path, note):
            with new_file(path) as draft:
                write_matrix(draft, shape, fill)
                with new_file(note) as draft_note:
                    write_json(draft_note, {**cache_key, "sha256": file_sha256(draft)})
    loaded: Array = np.load(path, mmap_mode="r")
    return loaded


def write_matrix(path: Path, shape: tuple[int, int], fill: Callable[[Array], None]) -> None:
    """Write an fp32 matrix of `shape`; `fill` gets it as a memory map, not as a copy in memory."""
    matrix = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
    reserve(path)
    fill(matrix)
    matrix.flush()


def _is_whole(path: Path, note: Path) -> bool:
    try:
        expected = json.loads(note.read_text())["sha256"]
        return path.is_file() and file_sha256(path) == expected
    except (OSError, ValueError, KeyError):
        return False
