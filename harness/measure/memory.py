"""Measure the memory of this process."""

import re
import resource
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

STATUS = Path("/proc/self/status")
SAMPLE_SECONDS = 0.01


def own_bytes() -> int:
    """Return the resident bytes that are not backed by a file.

    Only Linux counts these separately; on other systems, return all resident bytes.
    """
    memory = psutil.Process().memory_info()
    return int(memory.rss - getattr(memory, "shared", 0))


def peak_bytes() -> int:
    """Return the largest number of resident bytes so far, memory-mapped files included."""
    if STATUS.exists():  # on Linux, getrusage inherits the peak of the parent process
        return status_bytes("VmHWM")
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def status_bytes(name: str) -> int:
    """Return a number of bytes from what Linux says of this process, such as RssAnon."""
    found = re.search(rf"^{name}:\s+(\d+) kB$", STATUS.read_text(), re.MULTILINE)
    assert found, f"Linux has no {name}"
    return int(found[1]) * 1024


class AnonymousPeak:
    """The most anonymous memory that this process had in a block: that of no mapped file."""

    bytes: int | None = None
    """None on systems other than Linux, which do not count it."""

    def sample(self) -> None:
        """Look once."""
        self.bytes = max(self.bytes or 0, status_bytes("RssAnon"))


@contextmanager
def anonymous_peak() -> Iterator[AnonymousPeak]:
    """Yield the peak of the block, which a thread samples a hundred times a second."""
    peak = AnonymousPeak()
    if not STATUS.exists():
        yield peak
        return
    ended = threading.Event()

    def sample() -> None:
        while not ended.wait(SAMPLE_SECONDS):
            peak.sample()

    peak.sample()
    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()
        peak.sample()
