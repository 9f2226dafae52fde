"""Indexes that crash, hang, run out of memory or are slow at times, which a run must survive."""

import os
import signal
import time
from pathlib import Path

import numpy as np

from harness.measure.timing import MIN_TIMED_QUERIES, WARM_UP_QUERIES
from methods.base import Array, Cost, Hits, Positions, Resources, Router
from methods.indexes.exact import ExactIndex
from methods.settings import NoSettings


class Broken(ExactIndex):
    """Exact search that misbehaves in one method."""

    def __init__(self, settings: NoSettings, resources: Resources) -> None:
        super().__init__(settings, resources)


class CrashesInBuild(Broken):
    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)


class CrashesInAdd(Broken):
    def add(self, ids: Positions, documents: Array) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)


class DiesAtTheSecondEffort(Broken):
    """Visits half of the documents with the first effort, and with the second it dies."""

    def efforts(self, k: int) -> range:
        return range(1, 3)

    def add(self, ids: Positions, documents: Array) -> None:
        pass

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        if effort == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().search(queries, k, effort)

    def cost(self, queries: Array, k: int, effort: int) -> Cost:
        whole = super().cost(queries, k, effort)
        return Cost(whole.visited * effort // 2, whole.scan_macs, whole.route_macs)


class HangsInSearch(Broken):
    def search(self, queries: Array, k: int, effort: int) -> Hits:
        time.sleep(600)
        raise AssertionError


class RunsOutOfMemory(Broken):
    def load(self, folder: Path, documents: Array) -> None:
        np.ones(1 << 50)


class DiesWhileTimed(Broken):
    def search(self, queries: Array, k: int, effort: int) -> Hits:
        if len(queries) == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().search(queries, k, effort)


class DipsInTime(Broken):
    """Takes less time with 8 to 15 efforts than with 4 to 7; one sample of 15 is disturbed."""

    def __init__(self, settings: NoSettings, resources: Resources) -> None:
        super().__init__(settings, resources)
        self._disturbed = WARM_UP_QUERIES + MIN_TIMED_QUERIES

    def efforts(self, k: int) -> range:
        return range(1, 33)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        if len(queries) == 1:
            steps = (0.1, 0.6, 0.2, 1.2)
            milliseconds = steps[sum(effort >= start for start in (4, 8, 16))]
            if effort == 15 and self._disturbed:
                self._disturbed -= 1
                milliseconds = 2.0
            time.sleep(milliseconds / 1000)
        return super().search(queries, k, effort)

    def cost(self, queries: Array, k: int, effort: int) -> Cost:
        return super().cost(queries, k, 1)
