"""Search the tuning queries within budgets in a worker, to choose settings from a menu.

The test queries are never loaded here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.measure.budget import Budget
from harness.store.record import Failure
from harness.tasks.loaded_index import LoadedIndex, SearchInputs
from methods.base import Hits, ProgressBar
from methods.errors import InputError


@dataclass(frozen=True)
class TuneResult:
    """The effort that a budget allows, and the hits for the tuning queries at that effort."""

    effort: int
    hits: Hits


class TuneTask:
    """Searches the tuning queries with a loaded index."""

    def __init__(self, inputs: SearchInputs, progress: ProgressBar) -> None:
        self._loaded = LoadedIndex(inputs, inputs.resources(progress))
        self._queries: Any = inputs.texts
        self._depth = inputs.depth
        if self._loaded.index.reads == "vectors":
            vectors = inputs.artifacts.tuning_queries()
            assert vectors is not None, "plan_cells rejects menus without tuning queries"
            self._queries = np.array(vectors)

    def tune(self, budgets: Sequence[Budget]) -> dict[Budget, TuneResult | Failure]:
        """Return the result of each budget, or why no effort is within it."""
        return {budget: self._search_within(budget) for budget in budgets}

    def _search_within(self, budget: Budget) -> TuneResult | Failure:
        try:
            effort = self._loaded.effort_within(budget, self._queries).value
        except InputError as error:
            return Failure(InputError.__name__, str(error))
        return TuneResult(effort, self._loaded.index.search(self._queries, self._depth, effort))
