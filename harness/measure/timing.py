"""Time searches: one query at a time on one thread, from text to documents, and in batches.

Only the call itself is timed, with the garbage collector off.
"""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np

from harness.measure.threads import one_thread

T = TypeVar("T")
SAMPLE_SIZE = 500
SAMPLE_SECONDS = 0.03
WARM_UP_QUERIES, WARM_UP_TEXTS = 20, 3
MIN_TIMED_QUERIES = 20
"""Queries that are timed in every round, however long they take."""


@dataclass(frozen=True)
class Percentiles:
    """Milliseconds per query, over `timed` calls."""

    p50: float
    p95: float
    p99: float
    timed: int

    @staticmethod
    def of(nanoseconds: Sequence[int]) -> "Percentiles":
        """Return the percentiles of the times of calls."""
        p50, p95, p99 = np.percentile(nanoseconds, [50, 95, 99]) / 1e6
        return Percentiles(float(p50), float(p95), float(p99), len(nanoseconds))


@dataclass(frozen=True)
class EndToEnd:
    """Nanoseconds of encoding a query's text, and of encoding and searching together."""

    encode: list[int]
    whole: list[int]


def sample_positions(queries: int, size: int = SAMPLE_SIZE) -> list[int]:
    """Return the positions of at most `size` queries to time, the same ones every time."""
    return [int(i) for i in np.random.default_rng(0).permutation(queries)[:size]]


def time_searches(
    search: Callable[[T], object], queries: Sequence[T], start: int, seconds: float
) -> list[int]:
    """Return the nanoseconds of single searches on one thread, for at least `seconds`.

    The queries are taken in order from position `start`, and the first one follows the last.
    """
    nanoseconds: list[int] = []
    with one_thread():
        # Warm up on the queries just before start, so that no timed query has just been searched.
        for offset in range(-WARM_UP_QUERIES, 0):
            search(queries[(start + offset) % len(queries)])
        with _no_garbage_collection():
            deadline = time.perf_counter_ns() + int(seconds * 1e9)
            after = 0
            while len(nanoseconds) < MIN_TIMED_QUERIES or after < deadline:
                query = queries[(start + len(nanoseconds)) % len(queries)]
                before = time.perf_counter_ns()
                search(query)
                after = time.perf_counter_ns()
                nanoseconds.append(after - before)
    return nanoseconds


def median_milliseconds(search: Callable[[T], object], queries: Sequence[T], start: int) -> float:
    """Return the median time of single searches on one thread, in one sample of them.

    The sample takes `SAMPLE_SECONDS` at least, and begins with the query at position `start`.
    """
    return float(np.median(time_searches(search, queries, start, SAMPLE_SECONDS)) / 1e6)


def time_end_to_end(
    encode: Callable[[str], T],
    search: Callable[[T], object],
    texts: Sequence[str],
    start: int,
    seconds: float,
    device: str,
) -> EndToEnd:
    """Return the times from a query's text to its documents, on one thread, for `seconds`.

    On a GPU, encoding is timed by device events.
    """
    times = EndToEnd([], [])
    with one_thread():
        for offset in range(-WARM_UP_TEXTS, 0):
            search(encode(texts[(start + offset) % len(texts)]))
        with _no_garbage_collection():
            deadline = time.perf_counter_ns() + int(seconds * 1e9)
            after = 0
            while len(times.whole) < MIN_TIMED_QUERIES or after < deadline:
                text = texts[(start + len(times.whole)) % len(texts)]
                query, encoding = _time_call(partial(encode, text), device)
                before = time.perf_counter_ns()
                search(query)
                after = time.perf_counter_ns()
                times.encode.append(encoding)
                times.whole.append(encoding + after - before)
    return times


def time_batches(search: Callable[[], object], seconds: float) -> list[int]:
    """Return the nanoseconds of whole batches, on all threads that are set, for `seconds`."""
    nanoseconds: list[int] = []
    search()  # Warm up: the threads were idle, on one core, while single searches were timed.
    with _no_garbage_collection():
        deadline = time.perf_counter_ns() + int(seconds * 1e9)
        after = 0
        while after < deadline:
            before = time.perf_counter_ns()
            search()
            after = time.perf_counter_ns()
            nanoseconds.append(after - before)
    return nanoseconds


def _time_call(call: Callable[[], T], device: str) -> tuple[T, int]:
    if device != "cuda":
        before = time.perf_counter_ns()
        result = call()
        return result, time.perf_counter_ns() - before
    import torch

    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    begin.record()
    result = call()
    end.record()
    end.synchronize()
    return result, int(begin.elapsed_time(end) * 1e6)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
