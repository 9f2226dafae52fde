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

from harness.artifacts import Artifacts, discard_if_damaged
from harness.building import Building, BuildingOrder
from harness.config import Settings
from harness.datasets.dataset import Dataset
from harness.measuring import Measuring, MeasuringOrder, Outcome
from harness.plan import Cell, Job
from harness.recording import Recorder
from harness.reference_workload import ReferenceWorkload
from harness.rounds import time_in_rounds
from harness.store import Record, RunFolder
from harness.training import Training, TrainingOrder
from harness.workers import Failure, Worker, WorkerError
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
            for job in _jobs(pending):
                self._artifacts(job).forget()
        for _seed, of_seed in groupby(pending, key=lambda cell: cell.job.seed):
            seed_cells = list(of_seed)
            for job in _jobs(seed_cells):
                failure = self._prepare(job)
                if failure is not None:
                    self._failures[job.name] = failure
            for group in _groups(seed_cells):
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

    def _prepare(self, job: Job) -> Failure | None:
        """Train and build what is not there yet; return why that failed, if it did."""
        missing = job.method.mend()
        if missing is not None:
            return Failure(UnavailableError.__name__, missing)
        artifacts = self._artifacts(job)
        for made in (artifacts.encoder, artifacts.embeddings, artifacts.index):
            if (damaged := discard_if_damaged(made)) is not None:
                self.say(f"{damaged} is damaged or missing; {made.name} is made again")
        common = (job, self.written, artifacts, self.resources.cache, self.threads)
        try:
            if job.method.trainer and not (
                artifacts.encoder.is_dir() and artifacts.embeddings.is_dir()
            ):
                with self._worker(partial(Training, TrainingOrder(*common))) as training:
                    training.ask(Training.run)
            if not artifacts.index.is_dir():
                with self._worker(partial(Building, BuildingOrder(*common))) as building:
                    building.ask(Building.run)
        except WorkerError as error:
            return self._unless_full(error)
        return None

    def _measure(self, cells: Sequence[Cell]) -> Iterator[Record]:
        """Measure the cells of one seed and budget, each in a process, all timed in turns."""
        workers: dict[str, Worker[Measuring]] = {}
        outcomes: dict[str, Outcome] = {}
        seconds: dict[str, float] = {}
        title = _title(cells[0])
        with ExitStack() as stack:
            with self.resources.progress(f"Searching {title}", len(cells)) as advance:
                for cell in cells:
                    failure = self._failures.get(cell.job.name)
                    started = time.perf_counter()
                    try:
                        if failure is not None:
                            raise WorkerError(failure)
                        worker = self._worker(partial(Measuring, self._order(cell)))
                        workers[cell.name] = stack.enter_context(worker)
                        outcomes[cell.name] = worker.ask(Measuring.measure)
                        seconds[cell.name] = time.perf_counter() - started
                    except WorkerError as error:
                        workers.pop(cell.name, None)
                        yield self.recorder.failed(cell, self._unless_full(error))
                    advance()
            if not workers:
                return
            with self.resources.progress(f"Timing {title}", 1):
                reference = stack.enter_context(self._worker(ReferenceWorkload))
                started = time.perf_counter()
                times, reference_ms = time_in_rounds(
                    workers, reference, self.settings["timing"], cells[0].job.seed
                )
                timed = (time.perf_counter() - started) / len(workers)
            for cell in cells:
                if cell.name not in workers:
                    continue
                taken = times[cell.name]
                if isinstance(taken, Failure):
                    yield self.recorder.failed(cell, taken)
                    continue
                worker = workers[cell.name]
                yield self.recorder.measured(
                    cell,
                    self._artifacts(cell.job),
                    outcomes[cell.name],
                    {
                        **taken.record_fields(),
                        "reference_ms": reference_ms,
                        "timing": {
                            "threads": worker.ask(Measuring.threads),
                            "batch_threads": self.threads,
                            "methods": sorted(cell.job.method.name for cell in cells),
                        },
                    },
                    seconds[cell.name] + timed,
                    worker.ask(Measuring.peak_bytes),
                )

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
        return Worker(make, self.resources.progress, self.timeout, self.debug)

    def _unless_full(self, error: WorkerError) -> Failure:
        if error.failure.error == DiskFullError.__name__:
            raise DiskFullError(error.failure.reason) from None
        return error.failure


def _jobs(cells: Iterable[Cell]) -> list[Job]:
    return list({cell.job.name: cell.job for cell in cells}.values())


def _groups(cells: Sequence[Cell]) -> list[list[Cell]]:
    """Return the cells of one seed by budget; reference methods are with the first budget's."""
    budgets = list(dict.fromkeys(cell.budget for cell in cells if cell.budget is not None))
    first = budgets[0] if budgets else None
    groups: dict[float | None, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(first if cell.budget is None else cell.budget, []).append(cell)
    return list(groups.values())


def _title(cell: Cell) -> str:
    at = "" if cell.budget is None else f" at budget {cell.budget:g}"
    return f"seed {cell.job.seed}{at}"
