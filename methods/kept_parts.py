"""Parts that several indexes of the same vectors share: the centroids of k-means, a graph's links.

They are files in the run folder. Each is named by what it was made from, and on how many threads.
The time and memory that it took are saved with it, and count for every build that reads it, as if
that build had made it.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from methods.atomic_files import file_sha256, new_file, write_json

Part = TypeVar("Part")
Vectors = NDArray[np.float32]


class KeptParts:
    """The parts in a folder; without a folder, nothing is kept.

    `seconds` is the time that it took to make the parts that were read instead, and `peak_bytes`
    the most memory, as `peak` measures it. `overhead` is the time that keeping took: hashing,
    waiting, writing and reading, which no build would need on its own. Parts are made on `threads`
    threads.
    """

    def __init__(
        self, folder: Path | None = None, threads: int = 1, peak: Callable[[], int] = lambda: 0
    ) -> None:
        self._folder = folder
        self._threads = threads
        self._peak = peak
        self.seconds = 0.0
        self.overhead = 0.0
        self.peak_bytes = 0

    def get(
        self,
        name: str,
        vectors: Vectors,
        settings: Mapping[str, object],
        make: Callable[[], Part],
        write: Callable[[Part, Path], None],
        read: Callable[[Path], Part],
    ) -> Part:
        """Return the part called `name` of `vectors` (n, dimensions), made with `settings`.

        It is made if it is missing or damaged. A second process that asks for it waits for the
        first.
        """
        if self._folder is None:
            return make()
        began, making = time.perf_counter(), 0.0
        self._folder.mkdir(parents=True, exist_ok=True)
        settings = {**settings, "threads": self._threads}
        path = self._folder / f"{name}-{_key(vectors, settings)}"
        note = path.with_name(f"{path.name}.json")
        with FileLock(f"{path}.lock"):
            if (kept := _read_note(path, note)) is not None:
                self.seconds += kept["seconds"]
                self.peak_bytes = max(self.peak_bytes, int(kept["peak_bytes"]))
                part = read(path)
            else:
                started = time.perf_counter()
                part = make()
                making = time.perf_counter() - started
                took = {"seconds": making, "peak_bytes": self._peak()}
                with new_file(path) as draft:
                    write(part, draft)
                    with new_file(note) as draft_note:
                        write_json(draft_note, {**settings, **took, "sha256": file_sha256(draft)})
        self.overhead += time.perf_counter() - began - making
        return part


NOTHING_KEPT = KeptParts()


def _key(vectors: Vectors, settings: Mapping[str, object]) -> str:
    key = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    key.update(f"{vectors.dtype} {vectors.shape}".encode())
    key.update(np.ascontiguousarray(vectors).data)  # a mapped matrix stays mapped
    return key.hexdigest()[:32]


def _read_note(path: Path, note: Path) -> Mapping[str, Any] | None:
    """Return the note of a part, or None if the part is missing or damaged."""
    try:
        kept: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
        return kept if path.is_file() and file_sha256(path) == kept["sha256"] else None
    except (OSError, ValueError, KeyError):
        return None
