"""Choosing from menus: every combination is trained, built and searched on tuning queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import fmean

from harness.datasets.dataset import Dataset
from harness.measure.budget import Budget
from harness.measure.quality import judge, ranked
from harness.plan.cells import Cell, job_with_values
from harness.plan.menu import Values
from harness.run.prepare import Preparer, unless_full
from harness.run.workers import WorkerError
from harness.store.choices import read_choice, write_choice
from harness.store.record import Choice, Failure, Trial
from harness.store.run_folder import RunFolder
from harness.tasks.tune import TuneResult, Tuning
from methods.errors import InputError

MEASURE = "nDCG@10"
FINAL_ERRORS = ("", InputError.__name__)
"""What a combination comes to that would be so again: a quality, or what it cannot do."""


@dataclass
class Chooser:
    """Chooses for every cell with a menu; what is chosen is kept in the run folder."""

    dataset: Dataset
    folder: RunFolder
    preparer: Preparer

    def choose(self, cells: Sequence[Cell]) -> dict[str, Choice]:
        """Return what is chosen for the cells, by `Cell.choice`, finding what is not there yet.

        A combination that fails for a budget with one of the seeds is out of that choice.
        """
        found: dict[str, Choice] = {}
        open_: dict[str, dict[str, Cell]] = {}
        for cell in cells:
            if cell.menu is None or cell.choice_name in found:
                continue
            choice = read_choice(self.folder, cell)
            if choice is not None:
                found[cell.choice_name] = choice
            else:  # the budgets of a method are tried together: an index is loaded once
                open_.setdefault(_without_budget(cell), {})[cell.choice_name] = cell
        for of_method in open_.values():
            found |= self._choose(list(of_method.values()))
        return found

    def _choose(self, cells: Sequence[Cell]) -> dict[str, Choice]:
        """Choose for cells that differ in their budget alone."""
        menu = cells[0].menu
        assert menu is not None, "only cells with a menu are chosen for"
        combinations = menu.combinations()
        trials: list[dict[Budget, Trial]] = []
        title = f"Choosing for {cells[0].job.method.name}"
        with self.preparer.resources.progress(title, len(combinations)) as advance:
            for values in combinations:
                trials.append(self._try(cells, values, menu.seeds))
                advance()
        choices = {}
        for cell in cells:
            choice = Choice(MEASURE, menu.seeds, [of_budget[cell.budget] for of_budget in trials])
            # What failed throughout, or may do better another time, is tried again.
            if choice.best is not None and all(t.error in FINAL_ERRORS for t in choice.trials):
                write_choice(self.folder, cell, choice)
            choices[cell.choice_name] = choice
        return choices

    def _try(
        self, cells: Sequence[Cell], values: Values, seeds: Sequence[int]
    ) -> dict[Budget, Trial]:
        """Return what a combination comes to at every budget, over the seeds."""
        qualities: dict[Budget, list[float]] = {cell.budget: [] for cell in cells}
        efforts: dict[Budget, list[int]] = {cell.budget: [] for cell in cells}
        failed: dict[Budget, Trial] = {}
        for seed in seeds:
            budgets = [cell.budget for cell in cells if cell.budget not in failed]
            if not budgets:
                break
            for budget, outcome in self._tune(cells[0], seed, values, budgets).items():
                if isinstance(outcome, Failure):
                    failed[budget] = Trial(values, error=outcome.error, reason=outcome.reason)
                else:
                    qualities[budget].append(self._quality(outcome))
                    efforts[budget].append(outcome.effort)
        return {
            budget: failed.get(budget) or Trial(values, fmean(of_budget), efforts[budget])
            for budget, of_budget in qualities.items()
        }

    def _tune(
        self, cell: Cell, seed: int, values: Values, budgets: Sequence[Budget]
    ) -> Mapping[Budget, TuneResult | Failure]:
        try:
            job = job_with_values(replace(cell.job, seed=seed), values)
        except InputError as error:
            return dict.fromkeys(budgets, Failure(InputError.__name__, str(error)))
        failure = self.preparer.prepare(job)
        if failure is not None:
            return dict.fromkeys(budgets, failure)
        texts = list(self.dataset.tuning().texts)
        inputs = self.preparer.search_inputs(job, len(self.dataset.corpus), texts)
        try:
            with self.preparer.workers.start(partial(Tuning, inputs)) as worker:
                return worker.ask(Tuning.tune, budgets)
        except WorkerError as error:
            return dict.fromkeys(budgets, unless_full(error))

    def _quality(self, tuned: TuneResult) -> float:
        tuning, corpus = self.dataset.tuning(), self.dataset.corpus
        per_query = judge(ranked(tuned.hits, tuning, corpus), tuning, corpus)
        return float(per_query[MEASURE].mean())


def _without_budget(cell: Cell) -> str:
    return replace(cell, budget=Budget(cell.budget.kind, None)).choice_name
