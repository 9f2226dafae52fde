"""Runs the cells of a plan: train and build once a job, then measure every budget.

Each step has a process of its own (harness/workers.py). The cells of one seed and budget are
measured together, so that their methods are timed in rounds that take turns.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import TypeVar

from harness.artifacts import Artifacts
from harness.building import Building
from harness.config import Settings
from harness.datasets.dataset import Dataset
from harness.measuring import Measuring, MeasuringOrder, Outcome
from harness.plan import Cell, Job, jobs_of, timed_together
from harness.recording import Recorder
from harness.reference_workload import ReferenceWorkload
from harness.rounds import Times, time_in_rounds
from harness.store import Record, RunFolder
from harness.training import JobOrder, Training
from harness.worker_process import Failure
from harness.workers import Worker, WorkerError
from methods.base import ProgressBar, Resources
from methods.errors import DiskFullError, InputError, UnavailableError

S = TypeVar("S")


@dataclass
class Runner:
    """Measures cells into a run folder.

    `written` is the dataset as the user wrote it, for the processes that load it again.
    `threads` is for training, building and batches; `timeout` the seconds that each process
    may take; `say` prints a line.
    """

    dataset: Dataset
    written: str
    folder: RunFolder
    resources: Resources
    settings: Settings
    recorder: Recorder
    threads: int
    timeout: float | None
    force: bool
    debug: bool
    say: Callable[[str], None]
    _failures: dict[str, Failure] = field(default_factory=dict)

    def run(self, cells: Sequence[Cell]) -> list[Record]:
        """Return the record of every cell, in order, measuring those that are not finished.

        A failure becomes the record of its cells, and the others go on. Raise InputError where
        the disk is full.
        """
        records = {} if self.force else self._finished(cells)
        pending = [cell for cell in cells if cell.name not in records]
        if self.force:
            for job in jobs_of(pending):
                self._artifacts(job).forget()
        for _seed, of_seed in groupby(pending, key=lambda cell: cell.job.seed):
            seed_cells = list(of_seed)
            for job in jobs_of(seed_cells):
                self._prepare(job)
            for group in timed_together(seed_cells):
                for record in self._measure(group):
                    records[record.cell] = record
        return [records[cell.name] for cell in cells]

    def _finished(self, cells: Iterable[Cell]) -> dict[str, Record]:
        finished = {}
        for cell in cells:
            try:
                record = self.folder.latest(cell.name)
            except InputError as damage:
                self.say(f"{damage}; it is measured again now")
                continue
            if record is not None and record.status == "ok":
                finished[cell.name] = record
        return finished

    def _prepare(self, job: Job) -> None:
        """Train and build what is not there yet, and note why that failed, if it did.

        What failed to train is not tried again for the other methods that share it.
        """
        missing = job.method.mend()
        if missing is not None:
            self._failures[job.name] = Failure(UnavailableError.__name__, missing)
            return
        artifacts = self._artifacts(job)
        if (damaged := artifacts.discard_damaged()) is not None:
            self.say(f"{damaged} is damaged or missing; what was made from it is made again")
        order = JobOrder(job, self.written, artifacts, self.resources.cache, self.threads)
        trained = artifacts.encoder.is_dir() and artifacts.embeddings.is_dir()
        if job.method.trainer and not trained and job.trained_from not in self._failures:
            self._attempt(job.trained_from, partial(Training, order), Training.run)
        if job.trained_from in self._failures:
            self._failures[job.name] = self._failures[job.trained_from]
        elif not artifacts.index.is_dir():
            self._attempt(job.name, partial(Building, order), Building.run)

    def _attempt(
        self, name: str, make: Callable[[ProgressBar], S], run: Callable[[S], None]
    ) -> None:
        try:
            with self._worker(make) as worker:
                worker.ask(run)
        except WorkerError as error:
            self._failures[name] = self._unless_full(error)

    def _measure(self, cells: Sequence[Cell]) -> Iterator[Record]:
        """Measure the cells of one seed and budget, each in a process, all timed in turns."""
        searched: list[_Searched] = []
        with ExitStack() as processes:
            with self.resources.progress(f"Searching {_title(cells[0])}", len(cells)) as advance:
                for cell in cells:
                    try:
                        searched.append(self._search(cell, processes))
                    except WorkerError as error:
                        yield self.recorder.failed(cell, self._unless_full(error))
                    advance()
            if not searched:
                return
            with self.resources.progress(f"Timing {_title(cells[0])}", 1):
                started = time.perf_counter()
                times, reference_ms = self._time(searched, processes)
                seconds = (time.perf_counter() - started) / len(searched)
        for found in searched:
            cell, taken = found.cell, times[found.cell.name]
            if isinstance(taken, Failure):
                yield self.recorder.failed(cell, taken)
                continue
            fields = {
                **taken.record_fields(),
                "reference_ms": reference_ms,
                "timing": {
                    "threads": taken.threads,
                    "batch_threads": self.threads,
                    "methods": sorted(other.cell.job.method.name for other in searched),
                },
            }
            yield self.recorder.measured(
                cell,
                self._artifacts(cell.job),
                found.outcome,
                fields,
                found.seconds + seconds,
            )

    def _search(self, cell: Cell, processes: ExitStack) -> "_Searched":
        """Search the test queries in a process that lives on in `processes`, to be timed."""
        failure = self._failures.get(cell.job.name)
        if failure is not None:
            raise WorkerError(failure)
        started = time.perf_counter()
        worker = self._worker(partial(Measuring, self._order(cell)))
        processes.enter_context(worker)
        outcome = worker.ask(Measuring.measure)
        return _Searched(cell, worker, outcome, time.perf_counter() - started)

    def _time(
        self, searched: Sequence["_Searched"], processes: ExitStack
    ) -> tuple[dict[str, Times | Failure], dict[str, float] | None]:
        workers = {found.cell.name: found.worker for found in searched}
        seed = searched[0].cell.job.seed
        try:
            reference = Worker(ReferenceWorkload, self.resources.progress, None, self.debug)
        except WorkerError as error:  # nothing can be compared without it
            return dict.fromkeys(workers, error.failure), None
        processes.enter_context(reference)
        return time_in_rounds(workers, reference, self.settings["timing"], seed)

    def _order(self, cell: Cell) -> MeasuringOrder:
        return MeasuringOrder(
            cell,
            self._artifacts(cell.job),
            self.resources.cache,
            self.threads,
            len(self.dataset.corpus),
            list(self.dataset.test().texts),
        )

    def _artifacts(self, job: Job) -> Artifacts:
        return Artifacts.of(job, self.folder.trained)

    def _worker(self, make: Callable[[ProgressBar], S]) -> Worker[S]:
        return Worker(make, self.resources.progress, self.timeout, self.debug, self.say)

    def _unless_full(self, error: WorkerError) -> Failure:
        if error.failure.error == DiskFullError.__name__:
            raise DiskFullError(error.failure.reason) from None
        return error.failure


@dataclass(frozen=True)
class _Searched:
    """A cell whose searches are done and wait to be timed."""

    cell: Cell
    worker: Worker[Measuring]
    outcome: Outcome
    seconds: float


def _title(cell: Cell) -> str:
    at = "" if cell.budget is None else f" at budget {cell.budget:g}"
    return f"seed {cell.job.seed}{at}"
