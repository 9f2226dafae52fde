"""Measure the memory of this process."""

import resource
import sys
from pathlib import Path

import psutil


def own_bytes() -> int:
    """Return the resident bytes that are not backed by a file.

    Only Linux counts these separately; on other systems, return all resident bytes.
    """
    memory = psutil.Process().memory_info()
    return int(memory.rss - getattr(memory, "shared", 0))


def peak_bytes() -> int:
    """Return the largest number of resident bytes so far, memory-mapped files included."""
    status = Path("/proc/self/status")
    if status.exists():  # on Linux, getrusage inherits the peak of the parent process
        lines = status.read_text().splitlines()
        (kibibytes,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
        return int(kibibytes) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
