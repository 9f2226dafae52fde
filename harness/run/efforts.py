"""Find the efforts for budgets: the parent asks the workers for samples until it knows them.

Samples are taken in rounds. In each round, every worker takes one sample of each effort that its
search still needs, in random order. Whatever slows the machine for a while then disturbs one sample
of several efforts, and not all samples of one.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np

from harness.datasets.dataset import Dataset
from harness.measure.budget import Budget, BudgetKind
from harness.measure.effort import Effort, EffortSearch
from harness.measure.quality import DEFAULT_DEPTH, search_depth
from harness.measure.share_of_exact import share_of_exact
from harness.measure.timing import MIN_TIMED_QUERIES
from harness.run.prepare import raise_if_disk_full
from harness.run.workers import Worker, WorkerError
from harness.store.record import Failure
from harness.tasks.effort import EffortTask
from methods.base import Hits, Positions
from methods.errors import InputError

E = TypeVar("E", bound=EffortTask)


@dataclass(frozen=True)
class Searcher(Generic[E]):
    """A worker that searches one index, and the budgets of one kind that it needs efforts for."""

    worker: Worker[E]
    budgets: Sequence[Budget]


def find_efforts(
    searchers: Mapping[str, Searcher[E]], dataset: Dataset, seed: int
) -> dict[str, dict[Budget, Effort | Failure]]:
    """Return, by searcher and budget, the effort or the reason why there is none.

    Args:
        searchers: The workers that take turns, by name.
        dataset: Its tuning queries are searched; qualities need their relevant documents.
        seed: Fixes the order of the turns.

    Raises:
        DiskFullError: If a worker failed because the disk is full.
    """
    random = np.random.default_rng(seed)
    searches = {name: _Search(searcher, dataset) for name, searcher in searchers.items()}
    while turns := [(name, n) for name, search in searches.items() for n in search.wanted()]:
        for position in random.permutation(len(turns)):
            name, effort = turns[position]
            searches[name].sample(effort)
    return {name: search.found() for name, search in searches.items()}


class _Search(Generic[E]):
    """The search for the efforts of one index, until its worker fails."""

    def __init__(self, searcher: Searcher[E], dataset: Dataset) -> None:
        self._worker, self._budgets = searcher.worker, searcher.budgets
        self._dataset = dataset
        self._failure: Failure | None = None
        self._search = EffortSearch(range(1, 1), ())
        with self._failing():
            self._search = EffortSearch(self._worker.ask(EffortTask.efforts), self._budgets)

    def wanted(self) -> list[int]:
        """Return the efforts to take another sample of."""
        return [] if self._failure else self._search.wanted()

    def sample(self, effort: int) -> None:
        """Let the worker take a sample of an effort, unless it has failed."""
        if self._failure is not None:
            return
        with self._failing():
            self._search.add(effort, self._measure(effort))

    def found(self) -> dict[Budget, Effort | Failure]:
        """Return the effort for each budget, or the reason why there is none."""
        return {budget: self._failure or self._outcome(budget) for budget in self._budgets}

    def _outcome(self, budget: Budget) -> Effort | Failure:
        try:
            return self._search.found(budget)
        except InputError as error:
            return Failure(InputError.__name__, str(error))

    def _measure(self, effort: int) -> float:
        budget, start = self._budgets[0], MIN_TIMED_QUERIES * self._search.count(effort)
        if budget.is_quality:
            return self._share(budget.kind, self._worker.ask(EffortTask.tuning_hits, effort))
        return budget.spent(
            lambda: self._worker.ask(EffortTask.mean_cost, effort),
            lambda: self._worker.ask(EffortTask.milliseconds, effort, start),
        )

    def _share(self, kind: BudgetKind, hits: Hits) -> float:
        tuning, corpus = self._dataset.tuning(), self._dataset.corpus
        share = share_of_exact(kind, hits, self._exact_ids, tuning, corpus)
        if share is None:
            raise InputError(
                "nDCG@10 of exact search is 0 on the tuning queries, so no share of it can be "
                "reached; use --quality-by overlap"
            )
        return share

    @cached_property
    def _exact_ids(self) -> Positions:
        depth = search_depth(self._dataset.tuning(), self._dataset.corpus, DEFAULT_DEPTH)
        return self._worker.ask(EffortTask.exact_ids, depth)

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Keep the error as the result if the worker fails or the quality is undefined."""
        try:
            yield
        except WorkerError as error:
            self._failure = raise_if_disk_full(error)
        except InputError as error:
            self._failure = Failure(InputError.__name__, str(error))
