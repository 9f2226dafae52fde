"""Bound the anonymous memory of a worker while it builds an index."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from harness.measure.memory import STATUS, status_bytes
from methods.engines.nearest import nearest
from methods.errors import InputError

LEAST = 64 << 20
"""The memory, in bytes, without which no part of a corpus can be assigned to lists."""
REFUSALS = ("alloc", "new thread")
"""Words in the message of the RuntimeError of a library that was refused memory."""


@contextmanager
def bounded_memory(limit: int | None, purpose: str) -> Iterator[int]:
    """Yield how many bytes this process may add to its anonymous memory, up to a limit of it all.

    On Linux, more is refused until the block ends (RLIMIT_DATA); what libraries have reserved
    before without using it does not count. Raise InputError, naming the `purpose`, if more is
    needed.
    """
    if limit is None or not STATUS.exists():
        yield limit or 0
        return
    _let_libraries_reserve()
    used, reserved = status_bytes("RssAnon"), status_bytes("VmData")
    if limit < used + LEAST:
        raise InputError(
            f"--memory is {_megabytes(limit)}, but {purpose} needs {_megabytes(used)} to start "
            f"with; give {_megabytes(used + LEAST)} or more"
        )
    before = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (reserved + limit - used, before[1]))
    try:
        yield limit - used
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and not any(each in str(error) for each in REFUSALS):
            raise
        raise InputError(
            f"{purpose} needs more memory than --memory {_megabytes(limit)}; raise it, or leave "
            "it out"
        ) from error
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def _let_libraries_reserve() -> None:
    """Multiply matrices, for which each BLAS reserves up to 300 MB, and crashes if it cannot."""
    matrix = np.ones((4096, 64), dtype=np.float32)
    matrix @ matrix.T
    nearest(matrix, matrix, 1)


def _megabytes(size: int) -> str:
    return f"{-(-size // 10**6)}MB"
