"""Run the cells of a plan: train and build each job once, then measure it at every budget.

Each step runs in its own process (harness/run/workers.py). The cells of one seed and budget are
measured together, so that their methods can take turns while they are timed.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

from harness.config import TimingSettings
from harness.datasets.dataset import Dataset
from harness.measure.gpu_state import gpu_state
from harness.measure.reference_workload import ReferenceWorkload
from harness.plan.cells import Cell, candidate_jobs, distinct_jobs, group_for_timing
from harness.plan.job import Job, job_with_values
from harness.run.choose import Chooser
from harness.run.efforts import Searcher, find_efforts
from harness.run.prepare import Preparer, raise_if_disk_full
from harness.run.recorder import Recorder
from harness.run.rounds import CellTimes, time_in_rounds
from harness.run.workers import Worker, WorkerError
from harness.store.artifacts import Artifacts
from harness.store.choices import forget_choice
from harness.store.record import Failure, Record
from harness.store.run_folder import RunFolder
from harness.tasks.search import SearchResult, SearchTask
from methods.base import ProgressBar
from methods.errors import InputError


@dataclass
class Runner:
    """Measures cells and adds their records to a run folder."""

    dataset: Dataset
    folder: RunFolder
    preparer: Preparer
    timing: TimingSettings
    recorder: Recorder
    force: bool  # measure finished cells again

    def run(self, cells: Sequence[Cell]) -> list[Record]:
        """Return the record of every cell, in order, after measuring those that are not finished.

        A failure becomes the record of its cells, and the other cells continue. Raise DiskFullError
        if the disk is full.
        """
        finished = self.finished(cells)
        pending = [cell for cell in cells if cell.name not in finished]
        if self.force:
            self.forget(pending)
        records = finished | self.measure(pending)
        return [records[cell.name] for cell in cells]

    def finished(self, cells: Iterable[Cell]) -> dict[str, Record]:
        """Return the records of cells that are finished, by name; with `force`, none of them is."""
        if self.force:
            return {}
        finished = {}
        for cell in cells:
            try:
                record = self.folder.latest(cell.name)
            except InputError as damage:
                self.preparer.log(f"{damage}; {cell.name} is measured again")
                continue
            if record is not None and record.status == "ok":
                finished[cell.name] = record
        return finished

    def forget(self, cells: Sequence[Cell]) -> None:
        """Delete what was chosen, trained and built for the cells."""
        for cell in cells:
            forget_choice(self.folder, cell)
            for job in candidate_jobs(cell):
                self._artifacts(job).forget()

    def measure(self, cells: Sequence[Cell]) -> dict[str, Record]:
        """Add and return the records of the cells, by name, after making what they need."""
        records: dict[str, Record] = {}
        pending = list(self._chosen(cells, records))
        for _seed, group in groupby(pending, key=lambda cell: cell.job.seed):
            seed_cells = list(group)
            for job in distinct_jobs(seed_cells):
                self.preparer.prepare(job)
            for timed_cells in group_for_timing(seed_cells):
                for record in self._measure(timed_cells):
                    records[record.cell] = record
        return records

    def _chosen(self, cells: Sequence[Cell], records: dict[str, Record]) -> Iterator[Cell]:
        """Yield the cells with the settings chosen from their menus; record failed choices."""
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
        """Search each cell of one seed and budget in its own process, then time them in turns."""
        with ExitStack() as processes:
            with self._progress(f"Searching {_title(cells[0])}", len(cells)) as advance:
                outcomes = {}
                for cell, outcome in self._search(cells, processes):
                    outcomes[cell.name] = outcome
                    advance()
            for cell in cells:
                outcome = outcomes[cell.name]
                if isinstance(outcome, Failure):
                    yield self.recorder.record_failure(cell, outcome)
            searched = [each for each in outcomes.values() if isinstance(each, _SearchedCell)]
            if not searched:
                return
            with self._progress(f"Timing {_title(cells[0])}", 1):
                started = time.perf_counter()
                times, reference_ms = self._time(searched, processes)
                uses_gpu = self.recorder.provenance.device_name is not None
                gpu = gpu_state() if uses_gpu else None  # at once, before its clocks fall
                seconds = (time.perf_counter() - started) / len(searched)
        methods = sorted(each.cell.job.method.name for each in searched)
        for each in searched:
            cell, cell_times = each.cell, times[each.cell.name]
            if isinstance(cell_times, Failure):
                yield self.recorder.record_failure(cell, cell_times)
                continue
            yield self.recorder.record_result(
                cell,
                self._artifacts(cell.job),
                each.result,
                cell_times.latency(reference_ms, self.preparer.threads, methods),
                each.seconds + seconds,
                gpu,
            )

    def _search(
        self, cells: Sequence[Cell], processes: ExitStack
    ) -> Iterator[tuple[Cell, "_SearchedCell | Failure"]]:
        """Find the efforts of the cells together, then yield each with its search or its failure.

        `processes` keeps their processes alive to be timed.
        """
        started = time.perf_counter()
        searchers: dict[str, Searcher[SearchTask]] = {}
        for cell in cells:
            try:
                searchers[cell.name] = Searcher(self._start(cell, processes), [cell.budget])
            except WorkerError as error:
                yield cell, raise_if_disk_full(error)
        efforts = find_efforts(searchers, self.dataset, cells[0].job.seed)
        seconds = (time.perf_counter() - started) / len(cells)
        for cell in cells:
            if cell.name not in searchers:
                continue
            effort, worker = efforts[cell.name][cell.budget], searchers[cell.name].worker
            if isinstance(effort, Failure):
                yield cell, effort
                continue
            started = time.perf_counter()
            try:
                result = worker.ask(SearchTask.measure, effort)
            except WorkerError as error:
                yield cell, raise_if_disk_full(error)
                continue
            own_seconds = time.perf_counter() - started
            yield cell, _SearchedCell(cell, worker, result, seconds + own_seconds)

    def _start(self, cell: Cell, processes: ExitStack) -> Worker[SearchTask]:
        """Start the process that searches a cell. Raise WorkerError if that fails."""
        failure = self.preparer.prepare(cell.job)
        if failure is not None:
            raise WorkerError(failure)
        test, corpus = self.dataset.test(), self.dataset.corpus
        inputs = self.preparer.search_inputs(cell.job, test, corpus, cell.depth)
        return processes.enter_context(self.preparer.workers.start(partial(SearchTask, inputs)))

    def _time(
        self, searched: Sequence["_SearchedCell"], processes: ExitStack
    ) -> tuple[dict[str, CellTimes | Failure], dict[str, float] | None]:
        workers = {each.cell.name: each.worker for each in searched}
        seed = searched[0].cell.job.seed
        try:
            unlimited = replace(self.preparer.workers, timeout=None)
            reference = unlimited.start(ReferenceWorkload)
        except WorkerError as error:  # without it, no times could be compared between runs
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
    """A cell whose test queries have been searched, and its process, which is still to be timed."""

    cell: Cell
    worker: Worker[SearchTask]
    result: SearchResult
    seconds: float


def _title(cell: Cell) -> str:
    budget = "" if cell.budget.unlimited else f" at {cell.budget.label}"
    return f"seed {cell.job.seed}{budget}"
