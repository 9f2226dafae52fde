"""Indexes that crash, hang or run out of memory, which a run must survive."""

import os
import signal
import time
from pathlib import Path

import numpy as np

from methods.base import Array, Hits, Resources, Router
from methods.indexes.exact import ExactIndex
from methods.settings import NoSettings


class Broken(ExactIndex):
    """Exact search that misbehaves in one method."""

    def __init__(self, settings: NoSettings, resources: Resources) -> None:
        super().__init__(settings, resources)


class CrashesInBuild(Broken):
    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)


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
