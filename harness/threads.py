"""How many threads torch, Faiss and the BLAS libraries use."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import torch
from threadpoolctl import threadpool_limits


def use_threads(count: int) -> None:
    """Give every library `count` threads from here on."""
    torch.set_num_threads(count)
    threadpool_limits(count)
    if find_spec("faiss") is not None:
        import faiss

        faiss.omp_set_num_threads(count)


@contextmanager
def one_thread() -> Iterator[None]:
    """Give every library one thread inside the block, and what it had behind it."""
    before = torch.get_num_threads()
    with threadpool_limits(1):
        use_threads(1)
        try:
            yield
        finally:
            use_threads(before)


def available_threads() -> int:
    """Return the processors this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
