"""A disk cache of matrices, named by a hash of their key and memory-mapped when read.

A matrix is computed in shards, which any number of processes on any hosts compute at the same time
without a lock: a shard is a file that appears whole under its final name. Whoever finds all shards
joins them to one file, which is mapped. In the worst case, two processes do the same shard, and the
second replaces it by an equal one.
"""

import hashlib
import json
import random
import secrets
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from methods.atomic_files import file_sha256, new_file, reserve, write_json
from methods.base import Array

SHARD_ROWS = 65536
"""A corpus of fewer texts is a single shard, and so encoded in the same batches as without
shards."""

Fill = Callable[[slice, Array], None]
"""Writes some rows of the matrix into a part of it (rows, dimensions)."""


def cached_matrix(
    folder: Path, cache_key: Mapping[str, object], shape: tuple[int, int], fill: Fill
) -> Array:
    """Return the fp32 matrix of `shape` under `cache_key`, by memory map.

    `fill` computes the shards that are missing. The matrix is computed again if its checksum is
    wrong.
    """
    name = hashlib.sha256(json.dumps(cache_key, sort_keys=True).encode()).hexdigest()[:32]
    path, note, shards = folder / f"{name}.npy", folder / f"{name}.json", folder / name
    if path.is_file() and not _is_whole(path, note):
        path.unlink()
    while not path.is_file():
        try:
            if missing := _missing(shards, shape[0]):
                part = random.SystemRandom().choice(missing)  # others rarely choose the same
                with new_file(_shard(shards, part)) as draft:
                    rows = part.stop - part.start
                    write_matrix(draft, (rows, shape[1]), partial(fill, part))
            else:
                _join(shards, shape, path, note, cache_key)
        except FileNotFoundError:
            if not path.is_file():  # else another process has joined the shards and removed them
                raise
    shutil.rmtree(shards, ignore_errors=True)
    loaded: Array = np.load(path, mmap_mode="r")
    return loaded


def write_matrix(path: Path, shape: tuple[int, int], fill: Callable[[Array], None]) -> None:
    """Write an fp32 matrix of `shape`; `fill` gets it as a memory map, not as a copy in memory."""
    matrix = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
    reserve(path)
    fill(matrix)
    matrix.flush()


def _parts(rows: int) -> list[slice]:
    return [slice(start, min(rows, start + SHARD_ROWS)) for start in range(0, rows, SHARD_ROWS)]


def _shard(shards: Path, part: slice) -> Path:
    return shards / f"{part.start}-{part.stop}.npy"


def _missing(shards: Path, rows: int) -> list[slice]:
    """Return the parts that no process has finished."""
    there = {shard.name for shard in shards.glob("*.npy")}
    return [part for part in _parts(rows) if _shard(shards, part).name not in there]


def _join(
    shards: Path, shape: tuple[int, int], path: Path, note: Path, cache_key: Mapping[str, object]
) -> None:
    """Write the matrix and its note from the shards; the matrix appears last."""

    def copy(matrix: Array) -> None:
        for part in _parts(shape[0]):
            matrix[part] = np.load(_shard(shards, part), mmap_mode="r")

    whole = shards / f"whole-{secrets.token_hex(8)}"  # a killed process leaves it with the shards
    with new_file(whole) as draft:
        write_matrix(draft, shape, copy)
    with new_file(note) as draft:
        write_json(draft, {**cache_key, "sha256": file_sha256(whole)})
    whole.replace(path)


def _is_whole(path: Path, note: Path) -> bool:
    try:
        expected = json.loads(note.read_text())["sha256"]
        return path.is_file() and file_sha256(path) == expected
    except (OSError, ValueError, KeyError):
        return False
