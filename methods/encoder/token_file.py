"""A disk cache of tokens, named by a hash of their key and memory-mapped when read."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
from filelock import FileLock

from methods.atomic_files import first_damaged, new_folder
from methods.encoder.tokeniser import Tokens

VALUES = "values.int32"
STARTS = "starts.npy"


def cached_tokens(
    folder: Path,
    cache_key: Mapping[str, object],
    columns: int,
    tokenise: Callable[[], Iterable[Tokens]],
) -> Tokens:
    """Return the tokens under `cache_key`, made by `tokenise` part by part if they are missing.

    They are written atomically, and made again if a checksum is wrong. A second process that asks
    for the same tokens waits for the first, and maps the same file into memory.
    """
    name = hashlib.sha256(json.dumps(cache_key, sort_keys=True).encode()).hexdigest()[:32]
    path = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / f"{name}.lock"):
        if first_damaged(path) is not None:
            with new_folder(path) as draft:
                _write(draft, tokenise())
    return _mapped(path, columns)


def _write(folder: Path, parts: Iterable[Tokens]) -> None:
    lengths = [np.zeros(1, dtype=np.int64)]
    with (folder / VALUES).open("wb") as file:
        for part in parts:
            file.write(part.values.tobytes())
            lengths.append(part.lengths)
    np.save(folder / STARTS, np.concatenate(lengths).cumsum())


def _mapped(folder: Path, columns: int) -> Tokens:
    starts = np.load(folder / STARTS, mmap_mode="r")
    shape = int(starts[-1]), columns
    if not shape[0]:  # an empty file cannot be mapped
        return Tokens(np.zeros(shape, dtype=np.int32), starts)
    return Tokens(np.memmap(folder / VALUES, np.int32, "r", shape=shape), starts)
