"""What an index finds of the tuning queries within budgets, in a process of its own.

Nothing of the test queries is loaded here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.measure.budget import Budget
from harness.measure.quality import DEPTH
from harness.store.record import Failure
from harness.tasks.loaded_index import LoadedIndex, SearchOrder
from methods.base import Hits, ProgressBar
from methods.errors import InputError


@dataclass(frozen=True)
class Tuned:
    """The effort that a budget allows, and what it finds of every tuning query."""

    effort: int
    hits: Hits


class TuneTask:
    """A loaded index and the tuning queries."""

    def __init__(self, order: SearchOrder, progress: ProgressBar) -> None:
        self._loaded = LoadedIndex(order, order.resources(progress))
        self._queries: Any = order.texts
        if self._loaded.index.reads == "vectors":
            vectors = order.artifacts.tuning_queries()
            assert vectors is not None, "the plan refuses menus without tuning queries"
            self._queries = np.array(vectors)

    def tune(self, budgets: Sequence[Budget]) -> dict[Budget, Tuned | Failure]:
        """Return what is found within each budget, or why it allows no effort."""
        return {budget: self._within(budget) for budget in budgets}

    def _within(self, budget: Budget) -> Tuned | Failure:
        try:
            effort = self._loaded.effort_within(budget, self._queries).value
        except InputError as error:
            return Failure(InputError.__name__, str(error))
        return Tuned(effort, self._loaded.index.search(self._queries, DEPTH, effort))
