"""Set and report how many threads the libraries use, and on which cores."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_info, threadpool_limits


def use_threads(count: int) -> None:
    """Let torch, Faiss, OpenMP and the BLAS libraries use `count` threads from now on."""
    import torch

    torch.set_num_threads(count)
    threadpool_limits(count)
    if find_spec("faiss") is not None:
        import faiss

        faiss.omp_set_num_threads(count)


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit every library to one thread and this process to one core, within the block.

    On a single core, a library gains nothing from threads that cannot be limited. Systems other
    than Linux cannot bind a process to a core.
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
    """Bind every thread of this process, and those it will start, to these cores."""
    for thread in Path("/proc/self/task").iterdir():
        with suppress(ProcessLookupError):  # the thread has just ended
            os.sched_setaffinity(int(thread.name), cores)


def threads_in_use() -> dict[str, Any]:
    """Return the number of threads of each library, and of the cores this process may run on."""
    pools = {pool["prefix"]: pool["num_threads"] for pool in threadpool_info()}
    import torch

    threads = {**pools, "torch": torch.get_num_threads()}
    if find_spec("faiss") is not None:
        import faiss

        threads["faiss"] = faiss.omp_get_max_threads()
    return {**threads, "cores": available_threads()}


def available_threads() -> int:
    """Return the number of cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
