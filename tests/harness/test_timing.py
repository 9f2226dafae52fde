import gc
import time

import faiss
import numpy as np
import torch

from harness.threads import use_threads
from harness.timing import WARM_UP, measure_latency

QUERIES = np.zeros((60, 4), dtype=np.float32)


def test_percentiles_are_of_single_searches(monkeypatch):
    monkeypatch.setattr("harness.timing.MINIMUM_SECONDS", 0.1)
    latency = measure_latency(lambda query: time.sleep(0.002), QUERIES)
    assert 2.0 <= latency.p50 < 4.0
    assert latency.p50 <= latency.p95 <= latency.p99
    assert latency.timed % len(QUERIES) == 0 and latency.timed >= len(QUERIES)


def test_searches_see_one_query_one_thread_and_no_garbage_collector(monkeypatch):
    monkeypatch.setattr("harness.timing.MINIMUM_SECONDS", 0.0001)
    seen = []
    use_threads(2)

    def search(query: np.ndarray) -> None:
        threads = (torch.get_num_threads(), faiss.omp_get_max_threads())
        seen.append((query.shape, threads, gc.isenabled()))

    latency = measure_latency(search, QUERIES)
    timed = seen[WARM_UP:]
    assert set(timed) == {((1, 4), (1, 1), False)}
    assert len(timed) == latency.timed
    assert gc.isenabled() and torch.get_num_threads() == 2
    use_threads(1)


def test_the_minimum_duration_is_kept(monkeypatch):
    monkeypatch.setattr("harness.timing.MINIMUM_SECONDS", 0.3)
    started = time.perf_counter()
    measure_latency(lambda query: None, QUERIES)
    assert time.perf_counter() - started >= 0.3
