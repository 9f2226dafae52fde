"""Choose settings from menus: train, build and search every combination on the tuning queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import fmean

from harness.datasets.dataset import Dataset
from harness.measure.budget import Budget, MeanCost
from harness.measure.effort import Effort
from harness.measure.quality import MEASURE, as_run, judge
from harness.plan.cells import Cell
from harness.plan.job import job_with_values
from harness.plan.menu import Values
from harness.run.efforts import Searcher, find_efforts
from harness.run.prepare import Preparer, raise_if_disk_full
from harness.run.workers import Worker, WorkerError
from harness.store.choices import read_choice, write_choice
from harness.store.record import LEAST_MACS, Choice, Failure, Trial
from harness.store.run_folder import RunFolder
from harness.tasks.tune import TuneTask
from methods.errors import InputError

FINAL_ERRORS = ("", InputError.__name__)
"""The errors of trials that a later run does not repeat: no error, or values that cannot work."""


@dataclass
class Chooser:
    """Chooses settings for every cell with a menu, and keeps the choices in the run folder."""

    dataset: Dataset
    folder: RunFolder
    preparer: Preparer

    def choose(self, cells: Sequence[Cell]) -> dict[str, Choice]:
        """Return the choices of the cells by `Cell.choice_name`, making those that are missing.

        A combination that fails at a budget with any of the seeds cannot be chosen at that budget.
        """
        choices: dict[str, Choice] = {}
        missing: dict[str, dict[str, Cell]] = {}
        for cell in cells:
            if cell.menu is None or cell.choice_name in choices:
                continue
            choice = read_choice(self.folder, cell)
            if choice is not None:
                choices[cell.choice_name] = choice
            else:  # try all budgets of a method together, so that each index is loaded once
                missing.setdefault(without_budget(cell), {})[cell.choice_name] = cell
        for name, method_cells in missing.items():
            with self.folder.locked(f"choices/{name}", self.preparer.log):
                choices |= self._choose_missing(list(method_cells.values()))
        return choices

    def _choose_missing(self, cells: Sequence[Cell]) -> dict[str, Choice]:
        """Return the choices of cells that differ only in their budget."""
        choices = {cell.choice_name: read_choice(self.folder, cell) for cell in cells}
        made = {name: choice for name, choice in choices.items() if choice is not None}
        missing = [cell for cell in cells if cell.choice_name not in made]
        return made | (self._choose(missing) if missing else {})

    def _choose(self, cells: Sequence[Cell]) -> dict[str, Choice]:
        """Make the choices of cells that differ only in their budget."""
        menu = cells[0].menu
        assert menu is not None, "only cells with a menu have a choice"
        combinations = menu.combinations()
        trials: list[dict[Budget, Trial]] = []
        title = f"Choosing for {cells[0].job.method.name}"
        with self.preparer.resources.progress(title, len(combinations)) as advance:
            for values in combinations:
                trials.append(self._try(cells, values, menu.seeds))
                advance()
        choices = {}
        for cell in cells:
            measure = LEAST_MACS if _decides_by_cost(cell.budget) else MEASURE
            choice = Choice(measure, menu.seeds, [by_budget[cell.budget] for by_budget in trials])
            # Only what another try would not change is kept; the next run tries the rest again.
            if choice.best is not None and all(t.error in FINAL_ERRORS for t in choice.trials):
                write_choice(self.folder, cell, choice)
            choices[cell.choice_name] = choice
        return choices

    def _try(
        self, cells: Sequence[Cell], values: Values, seeds: Sequence[int]
    ) -> dict[Budget, Trial]:
        """Return the trial of one combination at every budget: its mean quality over the seeds."""
        tuned: dict[Budget, list[_Tuned]] = {cell.budget: [] for cell in cells}
        failed: dict[Budget, Trial] = {}
        for seed in seeds:
            budgets = [cell.budget for cell in cells if cell.budget not in failed]
            if not budgets:
                break
            for budget, outcome in self._tune(cells[0], seed, values, budgets).items():
                if isinstance(outcome, Failure):
                    failed[budget] = Trial(values, error=outcome.error, reason=outcome.reason)
                else:
                    tuned[budget].append(outcome)
        return {
            budget: failed.get(budget) or _trial(values, over_seeds)
            for budget, over_seeds in tuned.items()
        }

    def _tune(
        self, cell: Cell, seed: int, values: Values, budgets: Sequence[Budget]
    ) -> Mapping[Budget, "_Tuned | Failure"]:
        try:
            job = job_with_values(replace(cell.job, seed=seed), values)
        except InputError as error:
            return dict.fromkeys(budgets, Failure(InputError.__name__, str(error)))
        failure = self.preparer.prepare(job)
        if failure is not None:
            return dict.fromkeys(budgets, failure)
        tuning, corpus = self.dataset.tuning(), self.dataset.corpus
        inputs = self.preparer.search_inputs(job, tuning, corpus, cell.depth)
        try:
            with self.preparer.workers.start(partial(TuneTask, inputs)) as worker:
                searchers = {cell.name: Searcher(worker, budgets)}
                efforts = find_efforts(searchers, self.dataset, seed)[cell.name]
                return {
                    budget: self._search(worker, cell, budget, efforts[budget])
                    for budget in budgets
                }
        except WorkerError as error:
            return dict.fromkeys(budgets, raise_if_disk_full(error))

    def _search(
        self, worker: Worker[TuneTask], cell: Cell, budget: Budget, effort: Effort | Failure
    ) -> "_Tuned | Failure":
        if isinstance(effort, Failure):
            return effort
        tuning, corpus = self.dataset.tuning(), self.dataset.corpus
        run = as_run(worker.ask(TuneTask.tuning_hits, effort.value), tuning, corpus, cell.depth)
        quality = float(judge(run, tuning, corpus, cell.depth)[MEASURE].mean())
        by_cost = _decides_by_cost(budget)
        cost = worker.ask(TuneTask.mean_cost, effort.value) if by_cost else None
        return _Tuned(effort.value, quality, cost)


@dataclass(frozen=True)
class _Tuned:
    """The effort for a budget, and its quality and cost on the tuning queries for one seed."""

    effort: int
    quality: float
    cost: MeanCost | None  # counted only if it decides


def _trial(values: Values, over_seeds: Sequence[_Tuned]) -> Trial:
    costs = [tuned.cost for tuned in over_seeds if tuned.cost is not None]
    return Trial(
        values,
        fmean(tuned.quality for tuned in over_seeds),
        [tuned.effort for tuned in over_seeds],
        macs=fmean(cost.macs or 0.0 for cost in costs) if costs else None,
        visited=fmean(cost.visited for cost in costs) if costs else None,
    )


def _decides_by_cost(budget: Budget) -> bool:
    """Return whether a quality has to be reached, so that the cheapest combination is chosen."""
    return budget.is_quality and not budget.unlimited


def without_budget(cell: Cell) -> str:
    """Return the name of the choices of cells that differ only in their budget."""
    return replace(cell, budget=Budget(cell.budget.kind, None)).choice_name
