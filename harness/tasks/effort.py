"""Search the tuning queries in a worker, and report what an effort costs or finds there."""

from functools import cached_property
from typing import Any

import numpy as np

from harness.measure.budget import MeanCost
from harness.measure.timing import median_milliseconds, sample_positions
from harness.tasks.loaded_index import LoadedIndex, SearchInputs
from methods.base import Hits, Positions, ProgressBar
from methods.indexes.exact import ExactIndex
from methods.settings import NoSettings


class EffortTask:
    """Searches the tuning queries with a loaded index."""

    def __init__(self, inputs: SearchInputs, progress: ProgressBar) -> None:
        self._inputs = inputs
        self._resources = inputs.resources(progress)
        self._loaded = LoadedIndex(inputs, self._resources)
        self._index, self._depth = self._loaded.index, inputs.depth

    def efforts(self) -> range:
        """Return the possible efforts."""
        return self._index.efforts(self._depth)

    def mean_cost(self, effort: int) -> MeanCost:
        """Return the mean cost of searching the tuning queries."""
        return self._loaded.mean_cost(self._index.cost(self._tuning, self._depth, effort))

    def milliseconds(self, effort: int, start: int) -> float:
        """Return the median time of a sample of single searches, from query `start` onwards."""

        def search(query: Any) -> Hits:
            return self._index.search(query, self._depth, effort)

        return self._loaded.on_one_thread(
            lambda: median_milliseconds(search, self._single_tuning, start)
        )

    def tuning_hits(self, effort: int) -> Hits:
        """Return the hits for the tuning queries."""
        return self._index.search(self._tuning, self._depth, effort)

    def exact_ids(self, depth: int) -> Positions:
        """Return the first documents (tuning queries, depth) of exact search, by position."""
        exact = ExactIndex(NoSettings(), self._resources)
        exact.build(self._inputs.artifacts.documents(), self._inputs.job.seed, None)
        return exact.search(self._tuning, depth, 1).ids

    @cached_property
    def _tuning(self) -> Any:
        vectors = self._inputs.artifacts.tuning_queries()
        assert vectors is not None, "check_dataset and Method reject budgets without tuning vectors"
        return np.array(vectors)

    @cached_property
    def _single_tuning(self) -> list[Any]:
        return [self._tuning[i : i + 1] for i in sample_positions(len(self._tuning))]
