"""Runs the cells of a plan: train and build once a job, then measure every budget."""

import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby

import numpy as np

from harness.budget import find_effort, mean_spend
from harness.config import settings_of
from harness.datasets.dataset import Dataset
from harness.plan import Cell, Job
from harness.provenance import provenance
from harness.quality import DEPTH, judge, overlap, ranked
from harness.store import Details, Record, RunFolder, Status
from harness.timing import measure_latency
from harness.training import TrainedJob, forget_trained, train_or_load
from methods.base import Hits, Index, Resources
from methods.errors import InputError, UnavailableError
from methods.exact import ExactIndex
from methods.settings import NoSettings


@dataclass
class Runner:
    """Measures cells into a run folder.

    `threads` is for training and building; searches are timed on one.
    """

    dataset: Dataset
    folder: RunFolder
    resources: Resources
    preset: str
    threads: int
    force: bool = False
    debug: bool = False

    def run(self, cells: Sequence[Cell]) -> Iterator[Record]:
        """Yield the record of every cell, in order, measuring those that are not finished.

        A failure becomes the record of its cells, and the others go on.
        """
        forgotten: set[str] = set()
        for job, of_job in groupby(cells, key=lambda cell: cell.job):
            job_cells = list(of_job)
            finished = {} if self.force else self._finished(job_cells)
            if self.force and job.trained_from not in forgotten:
                forget_trained(job, self.folder)
                forgotten.add(job.trained_from)
            pending = [cell for cell in job_cells if cell.name not in finished]
            for record in self._run_job(job, pending):
                finished[record.cell] = record
            yield from (finished[cell.name] for cell in job_cells)

    def _finished(self, cells: Sequence[Cell]) -> dict[str, Record]:
        latest = {cell.name: self.folder.latest(cell.name) for cell in cells}
        return {name: record for name, record in latest.items() if record and record.status == "ok"}

    def _run_job(self, job: Job, cells: Sequence[Cell]) -> Iterator[Record]:
        if not cells:
            return
        try:
            ready = train_or_load(job, self.dataset, self.folder, self.resources)
            index = job.method.index.load()(
                job.settings.get(job.method.index.name, NoSettings()), self.resources
            )
            with self.resources.progress(f"Building {job.method.name}", 1):
                started = time.perf_counter()
                index.build(ready.documents, ready.trained)
                build_seconds = time.perf_counter() - started
            exact = self._exact_hits(ready)
        except Exception as error:
            yield from (self._failed(cell, error) for cell in cells)
            return
        with self.resources.progress(f"Measuring {job.method.name}", len(cells)) as advance:
            for cell in cells:
                try:
                    record, details = self._measure(cell, ready, index, exact)
                    record = replace(record, build_seconds=round(build_seconds, 3))
                    self.folder.add(record, details)
                except Exception as error:
                    record = self._failed(cell, error)
                yield record
                advance()

    def _measure(
        self, cell: Cell, ready: TrainedJob, index: Index, exact: Hits
    ) -> tuple[Record, Details]:
        """Choose the effort on tuning queries, then measure the test queries with it."""
        documents, dimensions = ready.documents.shape
        effort, next_spent = index.efforts()[0], None
        if cell.budget is not None:
            assert ready.tuning_queries is not None, (
                "the plan refuses budgets without tuning queries"
            )
            found = find_effort(index, ready.tuning_queries, documents, cell.budget, cell.budget_by)
            effort, next_spent = found.value, found.next_spent
        hits = index.search(ready.test_queries, DEPTH, effort)
        cost = index.cost(ready.test_queries, effort)
        spend = mean_spend(cost, documents, dimensions)
        test, unseen = self.dataset.test(), self.dataset.unseen
        run = ranked(hits, test, self.dataset.corpus)
        per_query = judge(run, test, self.dataset.corpus)
        latency = measure_latency(
            lambda query: index.search(query, DEPTH, effort), ready.test_queries
        )
        record = replace(
            self._record(cell),
            effort=effort,
            spent=spend.by(cell.budget_by),
            next_spent=next_spent,
            visited=spend.visited,
            macs=spend.macs,
            scan_macs=spend.scan_macs,
            route_macs=spend.route_macs,
            cost_exact=cost.exact,
            metrics={name: float(values.mean()) for name, values in per_query.items()},
            metrics_unseen={
                name: float(values[unseen].mean()) for name, values in per_query.items()
            }
            if unseen.any()
            else None,
            overlap_exact_10=overlap(hits, exact),
            queries=len(test),
            queries_unseen=int(unseen.sum()),
            latency_ms=asdict(latency),
            training=ready.summary,
        )
        details = Details(
            {**per_query, "visited": cost.visited.astype(np.float64)},
            list(test.ids),
            unseen.tolist(),
            run,
        )
        return record, details

    def _exact_hits(self, ready: TrainedJob) -> Hits:
        exact = ExactIndex(NoSettings(), self.resources)
        exact.build(ready.documents, ready.trained)
        return exact.search(ready.test_queries, 10, 1)

    def _record(self, cell: Cell) -> Record:
        return Record(
            cell=cell.name,
            dataset=self.dataset.name,
            method=cell.job.method.name,
            seed=cell.job.seed,
            budget=cell.budget,
            budget_by=cell.budget_by,
            status="ok",
            settings=settings_of(cell.job.method, cell.job.settings),
            provenance={
                **provenance(self.resources.device, self.threads),
                "preset": self.preset,
                "dataset_source": self.dataset.source,
                "dataset_sha256": self.dataset.fingerprint,
            },
        )

    def _failed(self, cell: Cell, error: Exception) -> Record:
        if self.debug:
            raise error
        status: Status = "unavailable" if isinstance(error, UnavailableError) else "failed"
        reason = " ".join(str(error).split())
        if not isinstance(error, InputError | UnavailableError):
            place = traceback.extract_tb(error.__traceback__)[-1]
            reason = f"{reason} ({place.name} in {place.filename}, line {place.lineno})"
        record = replace(
            self._record(cell), status=status, reason=reason, error=type(error).__name__
        )
        self.folder.add(record)
        return record
