import gc
import os
import time

import numpy as np
import pytest
import torch

from harness.measure.threads import threads_in_use, use_threads
from harness.measure.timing import (
    MIN_TIMED_QUERIES,
    WARM_UP_QUERIES,
    Percentiles,
    median_milliseconds,
    sample_positions,
    time_batches,
    time_end_to_end,
    time_searches,
)

QUERIES = [np.full((1, 4), number, dtype=np.float32) for number in range(60)]


def test_percentiles_are_milliseconds_of_single_searches():
    times = time_searches(lambda query: time.sleep(0.002), QUERIES, start=0, seconds=0.1)
    latency = Percentiles.of(times)
    assert latency.p50 >= 2.0 and min(times) < 4e6
    assert latency.p50 <= latency.p95 <= latency.p99
    assert latency.timed == len(times) >= MIN_TIMED_QUERIES


def test_slow_searches_raise_the_tail_and_not_the_median():
    def search(query: np.ndarray) -> None:
        time.sleep(0.02 if query[0, 0] % 10 == 0 else 0.001)

    latency = Percentiles.of(time_searches(search, QUERIES, start=0, seconds=0.4))
    assert latency.p50 < 15 and latency.p95 >= 20


def test_a_timed_search_gets_one_query_one_thread_and_no_garbage_collection():
    seen = []
    use_threads(2)

    def search(query: np.ndarray) -> None:
        seen.append((query.shape, max(threads_in_use().values()), gc.isenabled()))

    cores = os.sched_getaffinity(0)
    times = time_searches(search, QUERIES, start=0, seconds=0.0001)
    assert set(seen[WARM_UP_QUERIES:]) == {((1, 4), 1, False)}
    assert len(times) == len(seen) - WARM_UP_QUERIES
    assert gc.isenabled() and torch.get_num_threads() == 2
    assert os.sched_getaffinity(0) == cores
    use_threads(1)


def test_a_round_starts_at_the_query_after_the_last_one():
    seen: list[float] = []
    first = time_searches(lambda query: seen.append(query[0, 0]), QUERIES, 0, 0.0001)
    del seen[:WARM_UP_QUERIES]
    assert seen[: len(first)] == [position % 60 for position in range(len(first))]
    seen.clear()
    time_searches(lambda query: seen.append(query[0, 0]), QUERIES, len(first), 0.0001)
    assert seen[WARM_UP_QUERIES] == len(first) % 60


def test_searches_are_timed_for_the_given_seconds():
    started = time.perf_counter()
    time_searches(lambda query: None, QUERIES, start=0, seconds=0.3)
    assert time.perf_counter() - started >= 0.3


def test_end_to_end_times_contain_encoding_and_search():
    def encode(text: str) -> str:
        time.sleep(0.003)
        return text.upper()

    searched: list[str] = []

    def search(query: str) -> None:
        time.sleep(0.001)
        searched.append(query)

    times = time_end_to_end(encode, search, ["a", "b"], start=0, seconds=0.01, device="cpu")
    assert set(searched) == {"A", "B"}
    assert 3e6 <= min(times.encode) < 6e6
    assert np.median(times.whole) >= np.median(times.encode) + 1e6


@pytest.mark.gpu
def test_on_a_gpu_encoding_is_timed_until_the_device_has_finished():
    left = torch.randn(4096, 4096, device="cuda")

    def encode(text: str) -> torch.Tensor:
        return left @ left  # returns before the device has finished

    encode("warm")
    times = time_end_to_end(encode, lambda query: None, ["a"], 0, 0.01, device="cuda")
    assert np.median(times.encode) > 1e6


def test_batches_are_timed_at_least_once_and_for_the_given_seconds():
    assert len(time_batches(lambda: time.sleep(0.02), seconds=0.001)) == 1
    times = time_batches(lambda: time.sleep(0.005), seconds=0.05)
    assert 2 <= len(times) <= 10 and min(times) >= 5e6


def test_the_first_batch_wakes_the_threads_and_is_not_timed():
    pauses = iter([0.05, 0.001])
    (batch,) = time_batches(lambda: time.sleep(next(pauses)), seconds=0.0001)
    assert batch < 40e6


def test_the_median_is_in_milliseconds():
    assert 1.0 <= median_milliseconds(lambda query: time.sleep(0.001), QUERIES, 0) < 10.0


def test_the_sample_is_the_same_every_time_without_repeats():
    assert sample_positions(1000, 500) == sample_positions(1000, 500)
    assert len(set(sample_positions(1000, 500))) == 500
    assert sorted(sample_positions(3)) == [0, 1, 2]
