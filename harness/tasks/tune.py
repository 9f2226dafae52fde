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
from harness.tasks.loaded_index import LoadedIndex, SearchInputs
from methods.base import Hits, ProgressBar
from methods.errors import InputError


@dataclass(frozen=True)
class TuneResult:
    """The effort that a budget allows, and what it finds of every tuning query."""

    effort: int
    hits: Hits


class Tuning:
    """A loaded index and the tuning queries."""

    def __init__(self, inputs: SearchInputs, progress: ProgressBar) -> None:
        self._loaded = LoadedIndex(inputs, inputs.resources(progress))
        self._queries: Any = inputs.texts
        if self._loaded.index.reads == "vectors":
            vectors = inputs.artifacts.tuning_queries()
            assert vectors is not None, "the plan refuses menus without tuning queries"
            self._queries = np.array(vectors)

    def tune(self, budgets: Sequence[Budget]) -> dict[Budget, TuneResult | Failure]:
        """Return what is found within each budget, or why it allows no effort."""
        return {budget: self._within(budget) for budget in budgets}

    def _within(self, budget: Budget) -> TuneResult | Failure:
        try:
            effort = self._loaded.effort_within(budget, self._queries).value
        except InputError as error:
            return Failure(InputError.__name__, str(error))
        return TuneResult(effort, self._loaded.index.search(self._queries, DEPTH, effort))
