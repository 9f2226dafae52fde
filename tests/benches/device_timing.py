"""Time searches in batches of several sizes on a device, with and without transfers.

On a GPU the work is timed by device events, which the GPU itself records, and the whole call by the
wall clock, from queries in main memory to hits in main memory. On a CPU both are wall-clock times.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from harness.measure.timing import Percentiles
from methods.base import Array

BATCHES = (1, 32, 1024, 8192)
WARM_UP = 5
"""Calls before the first that is timed: kernels are compiled and memory is reserved by then."""
MIN_CALLS = 10


@dataclass(frozen=True)
class BatchTimes:
    """Milliseconds per batch of one size."""

    batch: int
    on_device: Percentiles  # the queries are on the device, and the hits stay there
    with_transfers: Percentiles

    @property
    def queries_per_second(self) -> float:
        """The median throughput, with transfers."""
        return self.batch / self.with_transfers.p50 * 1e3


def time_batch_sizes(
    search: Callable[[Array], object],
    on_device: Callable[[Array], Callable[[], object]],
    queries: Array,
    seconds: float,
    device: str,
    sizes: Sequence[int] = BATCHES,
) -> list[BatchTimes]:
    """Return the times of searches for batches of each size.

    Args:
        search: Searches queries (n, dimensions) from main memory to main memory.
        on_device: Moves queries to the device and returns a search of them, without transfers.
        queries: Queries (n, dimensions), which are repeated for batches larger than n.
        seconds: The least time that each size is timed for, in each of the two ways.
        device: "cpu" or "cuda".
        sizes: Queries in a batch.
    """
    times = []
    for size in sizes:
        batch = np.resize(queries, (size, queries.shape[1]))
        moved = _repeat(on_device(batch), seconds, partial(_time_on, device))
        whole = _repeat(partial(search, batch), seconds, _time_by_wall_clock)
        times.append(BatchTimes(size, Percentiles.of(moved), Percentiles.of(whole)))
    return times


def time_on_device(call: Callable[[], object], seconds: float, device: str) -> float:
    """Return the median milliseconds of a call on a device, without what it waits for before."""
    return Percentiles.of(_repeat(call, seconds, partial(_time_on, device))).p50


def _repeat(
    call: Callable[[], object], seconds: float, timed: Callable[[Callable[[], object]], int]
) -> list[int]:
    for _ in range(WARM_UP):
        call()
    nanoseconds: list[int] = []
    deadline = time.perf_counter() + seconds
    while len(nanoseconds) < MIN_CALLS or time.perf_counter() < deadline:
        nanoseconds.append(timed(call))
    return nanoseconds


def _time_by_wall_clock(call: Callable[[], object]) -> int:
    before = time.perf_counter_ns()
    call()
    return time.perf_counter_ns() - before


def _time_on(device: str, call: Callable[[], object]) -> int:
    if device != "cuda":
        return _time_by_wall_clock(call)
    import torch

    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize()
    begin.record()
    call()
    end.record()
    end.synchronize()
    return int(begin.elapsed_time(end) * 1e6)
