"""The memory of this process."""

import resource
import sys
from pathlib import Path

import psutil


def own_bytes() -> int:
    """Return the resident bytes that no file backs: what this process holds for itself.

    Where the system does not tell them apart (not Linux), all resident bytes.
    """
    memory = psutil.Process().memory_info()
    return int(memory.rss - getattr(memory, "shared", 0))


def peak_bytes() -> int:
    """Return the most bytes that were ever resident, memory-mapped files with them."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux's getrusage goes on from the process that started this one
        lines = status.read_text().splitlines()
        (kibibytes,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
        return int(kibibytes) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
