"""Time a fixed workload in every run, so that times of different machines can be compared."""

import time

import numpy as np

from harness.measure.threads import one_thread
from methods.base import ProgressBar

SIDE = 512
ROWS, COLUMNS = 1 << 16, 256
"""The scanned matrix takes 64 MiB, more than a cache holds."""
REPEATS = 3


class ReferenceWorkload:
    """A matrix product, bound by arithmetic, and a scan, bound by memory, both on one thread."""

    def __init__(self, progress: ProgressBar) -> None:
        random = np.random.default_rng(0)
        self._left = random.standard_normal((SIDE, SIDE), dtype=np.float32)
        self._right = random.standard_normal((SIDE, SIDE), dtype=np.float32)
        self._scanned = random.standard_normal((ROWS, COLUMNS), dtype=np.float32)
        self._query = random.standard_normal(COLUMNS, dtype=np.float32)

    def round(self) -> dict[str, float]:
        """Return the milliseconds of the product and of the scan, each the fastest of `REPEATS`."""
        with one_thread():
            return {
                "product": min(self._product() for _ in range(REPEATS)),
                "scan": min(self._scan() for _ in range(REPEATS)),
            }

    def _product(self) -> float:
        started = time.perf_counter_ns()
        self._left @ self._right
        return (time.perf_counter_ns() - started) / 1e6

    def _scan(self) -> float:
        started = time.perf_counter_ns()
        self._scanned @ self._query
        return (time.perf_counter_ns() - started) / 1e6
