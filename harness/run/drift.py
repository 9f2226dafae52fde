"""Run the arms of a drift: add the documents that arrive later, build again, and train again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from harness.config import result_settings
from harness.datasets.arrivals import Arrivals, parts_by_arrival
from harness.datasets.dataset import Dataset
from harness.measure.quality import PerQuery, as_run, judge
from harness.plan.drift import DriftCell
from harness.plan.job import Job
from harness.run.efforts import Searcher, find_efforts
from harness.run.prepare import Preparer, raise_if_disk_full
from harness.run.workers import Worker, WorkerError
from harness.store.drifts import (
    DriftQuality,
    DriftRecord,
    DriftResult,
    DriftSeconds,
    read_drift,
    write_drift,
)
from harness.store.provenance import Provenance
from harness.store.record import Failure
from harness.tasks.add import AddInputs, AddTask
from harness.tasks.search import SearchResult, SearchTask
from methods.base import Index
from methods.errors import InputError, UnavailableError

T = TypeVar("T", bound=SearchTask)


class DriftRunner:
    """Measures the arms of a drift, and saves them in the run folder of the preparer."""

    def __init__(
        self,
        dataset: Dataset,
        arrivals: Arrivals,
        share: float,
        preparer: Preparer,
        provenance: Provenance,
    ) -> None:
        self._dataset = dataset
        self._arrivals = arrivals
        self._share = share
        self._provenance = provenance
        self._whole = preparer
        self._first = preparer.on(arrivals.first)
        self._rebuilt = preparer.trained_before(arrivals.first.fingerprint)

    def run(self, cells: Sequence[DriftCell]) -> list[DriftRecord]:
        """Return the records of the cells, in order, after measuring those that are not finished.

        If documents cannot be added, the other arms of that method and seed have no record. Raise
        DiskFullError if the disk is full.
        """
        records: list[DriftRecord] = []
        for _job, job_cells in groupby(cells, key=lambda cell: cell.whole.job.name):
            for arm, arm_cells in groupby(job_cells, key=lambda cell: cell.arm):
                arm_records = self._finish(list(arm_cells))
                records += arm_records
                if arm == "added" and all(record.result is None for record in arm_records):
                    break
        return records

    def _finish(self, cells: Sequence[DriftCell]) -> list[DriftRecord]:
        """Return the records of the budgets of an arm, measuring those that are missing."""
        records = {cell.name: self._saved(cell) for cell in cells}
        missing = [cell for cell in cells if records[cell.name] is None]
        if missing:
            job = missing[0].whole.job
            title = f"{job.method.name}, {missing[0].arm}, seed {job.seed}"
            with self._whole.resources.progress(title, len(missing)):
                try:
                    measured = self._measure(missing)
                except WorkerError as error:
                    failure = raise_if_disk_full(error)
                    measured = [
                        self._saved(cell) or self._record(cell, failure=failure) for cell in missing
                    ]
            records |= {record.cell: record for record in measured}
        return [record for record in records.values() if record is not None]

    def _measure(self, cells: Sequence[DriftCell]) -> list[DriftRecord]:
        first, whole, depth = cells[0].first.job, cells[0].whole.job, cells[0].whole.depth
        test, corpus = self._dataset.test(), self._dataset.corpus
        workers = self._whole.workers
        if cells[0].arm == "added":
            _check_can_add(whole)
            _prepare(self._first, first)
            _prepare(self._rebuilt, whole)
            search = self._first.search_inputs(first, test, corpus, depth)
            inputs = AddInputs(search, self._rebuilt.artifacts(whole), self._arrivals.order)
            with workers.start(partial(AddTask, inputs)) as worker:
                seconds, balance = worker.ask(AddTask.added)
                return self._search(worker, cells, DriftSeconds(add=round(seconds, 3)), balance)
        preparer = self._rebuilt if cells[0].arm == "rebuilt" else self._whole
        if cells[0].arm == "rebuilt":  # needs the encoder and the router of the first documents
            _prepare(self._first, first)
        _prepare(preparer, whole)
        artifacts = preparer.artifacts(whole)
        build, postings = artifacts.build()["seconds"], artifacts.build()["postings"]
        train = artifacts.summary()["seconds"] if cells[0].arm == "retrained" else 0.0
        search = preparer.search_inputs(whole, test, corpus, depth)
        with workers.start(partial(SearchTask, search)) as searcher:
            balance = None if postings is None else postings["largest_over_mean"]
            return self._search(searcher, cells, DriftSeconds(train, build), balance)

    def _search(
        self,
        worker: Worker[T],
        cells: Sequence[DriftCell],
        seconds: DriftSeconds,
        balance: float | None,
    ) -> list[DriftRecord]:
        """Search the test queries at the efforts for an arm's budgets, and save its records."""
        searcher = Searcher(worker, [cell.whole.budget for cell in cells])
        seed = cells[0].whole.job.seed
        efforts = find_efforts({"arm": searcher}, self._dataset, seed)["arm"]
        records = []
        for cell in cells:
            effort = efforts[cell.whole.budget]
            if isinstance(effort, Failure):
                records.append(self._record(cell, failure=effort))
                continue
            found = worker.ask(SearchTask.measure, effort)
            values = self._judge(found, cell.whole.depth)
            quality = self._quality(values)
            result = DriftResult(effort.value, found.cost, quality, seconds, balance)
            record = replace(self._record(cell), result=result)
            write_drift(self._whole.folder, record, values)
            records.append(record)
        return records

    def _judge(self, found: SearchResult, depth: int) -> PerQuery:
        test, corpus = self._dataset.test(), self._dataset.corpus
        return judge(as_run(found.hits, test, corpus, depth), test, corpus, depth)

    def _quality(self, values: PerQuery) -> dict[str, DriftQuality]:
        test = self._dataset.test()
        parts: Mapping[str, NDArray[np.bool_]] = {
            "all": np.ones(len(test), dtype=np.bool_),
            "seen": self._dataset.seen,
            "unseen": self._dataset.unseen,
            **parts_by_arrival(test, self._arrivals.later),
        }
        return {
            part: DriftQuality(
                {name: float(column[kept].mean()) for name, column in values.items()},
                int(kept.sum()),
            )
            for part, kept in parts.items()
            if kept.any()
        }

    def _saved(self, cell: DriftCell) -> DriftRecord | None:
        return read_drift(self._whole.folder, cell.name)

    def _record(self, cell: DriftCell, failure: Failure | None = None) -> DriftRecord:
        job = cell.whole.job
        return DriftRecord(
            cell=cell.name,
            dataset=self._dataset.name,
            method=job.method.name,
            arm=cell.arm,
            share=self._share,
            seed=job.seed,
            budget=cell.whole.budget,
            depth=cell.whole.depth,
            settings=result_settings(job.method, job.settings),
            provenance=replace(self._provenance, encoder_sha256=job.encoder_fingerprint),
            failure=failure,
        )


def _prepare(preparer: Preparer, job: Job) -> None:
    """Train and build what a job needs. Raise WorkerError if that failed."""
    if (failure := preparer.prepare(job)) is not None:
        raise WorkerError(failure)


def _check_can_add(job: Job) -> None:
    """Raise WorkerError, before anything is trained, if a job's index does not add documents."""
    if (hint := job.method.install_hint(job.search)) is not None:
        raise WorkerError(Failure(UnavailableError.__name__, hint))
    index = job.method.index.load()
    if index.add is Index.add or index.reads == "texts":
        reason = f"adding documents to {index.__name__} is not implemented"
        raise WorkerError(Failure(InputError.__name__, reason))
