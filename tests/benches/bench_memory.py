"""Indexes that are larger than memory: `make bench-memory SIZES="1000000 3000000"`.

Builds `ivf` and `ehi` over random vectors of 384 dimensions within 1 GB of anonymous memory, and
prints what that took. A million documents need 4.5 GB of disk. Fails if a build exceeds its bound.
"""

import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from harness.measure.threads import available_threads
from harness.run.workers import start_server
from tests.benches.sizes import asked_sizes
from tests.harness.tasks.large_corpus import build, write_corpus

SIZES = (3_000_000,)
LISTS = 1024
LIMIT = 1_000_000_000


def main(sizes: Sequence[int]) -> None:
    """Build both indexes of every size within the bound."""
    start_server()
    for documents in sizes:
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
            started = time.perf_counter()
            write_corpus(documents, LISTS, Path(folder))
            print(f"{documents:,} vectors written in {time.perf_counter() - started:.0f} s")
            for name in ("ivf", "ehi"):
                _measure(name, Path(folder))
                shutil.rmtree(Path(folder) / name / "index")  # before the next, for want of disk


def _measure(name: str, folder: Path) -> None:
    built = build(name, LISTS, folder, LIMIT, available_threads())
    peak, size = built["anonymous_peak_bytes"], built["disk_bytes"]
    print(
        f"{name}: {built['seconds']:.0f} s, {size / 1e9:.2f} GB on disk, peaks "
        f"{peak / 1e9:.2f} GB of anonymous memory, {built['peak_bytes'] / 1e9:.2f} GB with files"
    )
    assert peak is not None and peak < LIMIT, f"{peak:,} bytes, more than {LIMIT:,}"


if __name__ == "__main__":
    main(asked_sizes(__doc__, SIZES))
