"""How many threads the libraries use, and on which cores."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_info, threadpool_limits


def use_threads(count: int) -> None:
    """Give torch, Faiss, OpenMP and the BLAS libraries `count` threads from here on."""
    import torch

    torch.set_num_threads(count)
    threadpool_limits(count)
    if find_spec("faiss") is not None:
        import faiss

        faiss.omp_set_num_threads(count)


@contextmanager
def one_thread() -> Iterator[None]:
    """Give every library one thread and this process one core, and then what they had.

    The core makes it one thread by construction: a library that has threads of its own that
    nobody limits gains nothing by them. Systems other than Linux have no such call.
    """
    import torch

    before = torch.get_num_threads()
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_setaffinity") else None
    with threadpool_limits(1):
        use_threads(1)
        if cores:
            _bind({max(cores)})  # the first core serves most interrupts
        try:
            yield
        finally:
            if cores:
                _bind(cores)
            use_threads(before)


def _bind(cores: set[int]) -> None:
    """Let every thread that this process has run on these cores alone, and those it starts."""
    for thread in Path("/proc/self/task").iterdir():
        with suppress(ProcessLookupError):  # it has ended
            os.sched_setaffinity(int(thread.name), cores)


def threads_in_use() -> dict[str, Any]:
    """Return the number of threads of each library, and the cores this process may run on."""
    import torch

    pools = {pool["prefix"]: pool["num_threads"] for pool in threadpool_info()}
    found = {**pools, "torch": torch.get_num_threads()}
    if find_spec("faiss") is not None:
        import faiss

        found["faiss"] = faiss.omp_get_max_threads()
    return {**found, "cores": available_threads()}


def available_threads() -> int:
    """Return the processors this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
