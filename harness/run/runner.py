"""Runs the cells of a plan: train and build once a job, then measure every budget.

Each step has a process of its own (harness/run/workers.py). The cells of one seed and budget are
measured together, so that their methods are timed in rounds that take turns.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

from harness.config import TimingSettings
from harness.datasets.dataset import Dataset
from harness.measure.reference_workload import ReferenceWorkload
from harness.plan.cells import (
    Cell,
    Job,
    candidates,
    distinct_jobs,
    group_for_timing,
    job_with_values,
)
from harness.run.choose import Chooser
from harness.run.prepare import Preparer, unless_full
from harness.run.recorder import Recorder
from harness.run.rounds import CellTimes, time_in_rounds
from harness.run.workers import Worker, WorkerError
from harness.store.artifacts import Artifacts
from harness.store.choices import forget_choice
from harness.store.record import Failure, Record
from harness.store.run_folder import RunFolder
from harness.tasks.search import Measuring, SearchResult
from methods.base import ProgressBar
from methods.errors import InputError


@dataclass
class Runner:
    """Measures cells into a run folder; with `force` those that are finished, too."""

    dataset: Dataset
    folder: RunFolder
    preparer: Preparer
    timing: TimingSettings
    recorder: Recorder
    force: bool

    def run(self, cells: Sequence[Cell]) -> list[Record]:
        """Return the record of every cell, in order, measuring those that are not finished.

        A failure becomes the record of its cells, and the others go on. Raise InputError where
        the disk is full.
        """
        records = {} if self.force else self._finished(cells)
        pending = [cell for cell in cells if cell.name not in records]
        if self.force:
            for cell in pending:
                forget_choice(self.folder, cell)
                for job in candidates(cell):
                    self._artifacts(job).forget()
        pending = list(self._chosen(pending, records))
        for _seed, of_seed in groupby(pending, key=lambda cell: cell.job.seed):
            seed_cells = list(of_seed)
            for job in distinct_jobs(seed_cells):
                self.preparer.prepare(job)
            for group in group_for_timing(seed_cells):
                for record in self._measure(group):
                    records[record.cell] = record
        return [records[cell.name] for cell in cells]

    def _finished(self, cells: Iterable[Cell]) -> dict[str, Record]:
        finished = {}
        for cell in cells:
            try:
                record = self.folder.latest(cell.name)
            except InputError as damage:
                self.preparer.say(f"{damage}; it is measured again now")
                continue
            if record is not None and record.status == "ok":
                finished[cell.name] = record
        return finished

    def _chosen(self, cells: Sequence[Cell], records: dict[str, Record]) -> Iterator[Cell]:
        """Yield the cells with what is chosen from their menus; record those without a choice."""
        choices = Chooser(self.dataset, self.folder, self.preparer).choose(cells)
        for cell in cells:
            if cell.menu is None:
                yield cell
                continue
            choice = choices[cell.choice_name]
            self.recorder.choices[cell.name] = choice
            if choice.best is None:
                records[cell.name] = self.recorder.record_failure(cell, choice.failure())
            else:
                yield replace(cell, job=job_with_values(cell.job, choice.best.values))

    def _measure(self, cells: Sequence[Cell]) -> Iterator[Record]:
        """Measure the cells of one seed and budget, each in a process, all timed in turns."""
        searched: list[_SearchedCell] = []
        with ExitStack() as processes:
            with self._progress(f"Searching {_title(cells[0])}", len(cells)) as advance:
                for cell in cells:
                    try:
                        searched.append(self._search(cell, processes))
                    except WorkerError as error:
                        yield self.recorder.record_failure(cell, unless_full(error))
                    advance()
            if not searched:
                return
            with self._progress(f"Timing {_title(cells[0])}", 1):
                started = time.perf_counter()
                times, reference_ms = self._time(searched, processes)
                seconds = (time.perf_counter() - started) / len(searched)
        for found in searched:
            cell, taken = found.cell, times[found.cell.name]
            if isinstance(taken, Failure):
                yield self.recorder.record_failure(cell, taken)
                continue
            methods = sorted(other.cell.job.method.name for other in searched)
            yield self.recorder.record_result(
                cell,
                self._artifacts(cell.job),
                found.result,
                taken.latency(reference_ms, self.preparer.threads, methods),
                found.seconds + seconds,
            )

    def _search(self, cell: Cell, processes: ExitStack) -> "_SearchedCell":
        """Search the test queries in a process that lives on in `processes`, to be timed."""
        failure = self.preparer.prepare(cell.job)
        if failure is not None:
            raise WorkerError(failure)
        started = time.perf_counter()
        texts = list(self.dataset.test().texts)
        inputs = self.preparer.search_inputs(cell.job, len(self.dataset.corpus), texts)
        worker = self.preparer.workers.start(partial(Measuring, cell, inputs))
        processes.enter_context(worker)
        result = worker.ask(Measuring.measure)
        return _SearchedCell(cell, worker, result, time.perf_counter() - started)

    def _time(
        self, searched: Sequence["_SearchedCell"], processes: ExitStack
    ) -> tuple[dict[str, CellTimes | Failure], dict[str, float] | None]:
        workers = {found.cell.name: found.worker for found in searched}
        seed = searched[0].cell.job.seed
        try:
            unlimited = replace(self.preparer.workers, timeout=None)
            reference = unlimited.start(ReferenceWorkload)
        except WorkerError as error:  # nothing can be compared without it
            return dict.fromkeys(workers, error.failure), None
        processes.enter_context(reference)
        return time_in_rounds(workers, reference, self.timing, seed)

    @property
    def _progress(self) -> ProgressBar:
        return self.preparer.resources.progress

    def _artifacts(self, job: Job) -> Artifacts:
        return self.preparer.artifacts(job)


@dataclass(frozen=True)
class _SearchedCell:
    """A cell whose searches are done and wait to be timed."""

    cell: Cell
    worker: Worker[Measuring]
    result: SearchResult
    seconds: float


def _title(cell: Cell) -> str:
    at = "" if cell.budget.limit is None else f" at budget {cell.budget.limit:g}"
    return f"seed {cell.job.seed}{at}"
