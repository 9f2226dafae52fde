"""The latency of a search: one thread, one query at a time, each timed by itself."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from harness.threads import one_thread
from methods.base import Array

SAMPLE = 500
WARM_UP = 50
MINIMUM_SECONDS = 1.0


@dataclass(frozen=True)
class Latency:
    """Percentiles of milliseconds a query, over `timed` single searches."""

    p50: float
    p95: float
    p99: float
    timed: int


def measure_latency(search: Callable[[Array], object], queries: Array) -> Latency:
    """Time `search` on one query vector (1, dimensions) at a time, on one thread.

    A sample of the queries is searched in rounds until the minimum duration is over,
    after a warm-up and with the garbage collector off. Nothing but the call is timed.
    """
    sample = np.random.default_rng(0).permutation(len(queries))[:SAMPLE]
    single = [np.ascontiguousarray(queries[i : i + 1]) for i in sample]
    nanoseconds: list[int] = []
    with one_thread():
        for query in single[:WARM_UP]:
            search(query)
        collecting = gc.isenabled()
        gc.disable()
        try:
            started = time.perf_counter()
            while time.perf_counter() - started < MINIMUM_SECONDS:
                for query in single:
                    before = time.perf_counter_ns()
                    search(query)
                    nanoseconds.append(time.perf_counter_ns() - before)
        finally:
            if collecting:
                gc.enable()
    p50, p95, p99 = np.percentile(nanoseconds, [50, 95, 99]) / 1e6
    return Latency(float(p50), float(p95), float(p99), len(nanoseconds))
