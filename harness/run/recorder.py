"""Judge the hits of a cell and write its record into the run folder."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from harness.config import result_settings
from harness.datasets.dataset import Dataset
from harness.measure.budget import Budget
from harness.measure.quality import PerQuery, as_run, judge, overlap
from harness.measure.share_of_exact import share_of_exact
from harness.plan.cells import Cell
from harness.store.artifacts import Artifacts
from harness.store.provenance import Provenance
from harness.store.quality import Quality
from harness.store.record import (
    Choice,
    Details,
    Durations,
    Failure,
    Latency,
    Memory,
    Postings,
    Record,
    Result,
    Selection,
    Training,
)
from harness.store.record_json import from_plain
from harness.store.record_v1 import without_early_stopping
from harness.store.run_folder import RunFolder
from harness.tasks.search import SearchResult
from methods.base import Positions


@dataclass
class Recorder:
    """Adds the records of a run's cells to its folder."""

    dataset: Dataset
    folder: RunFolder
    provenance: Provenance  # of every record
    choices: dict[str, Choice] = field(default_factory=dict)  # by cell, for cells with a menu

    def record_result(
        self,
        cell: Cell,
        artifacts: Artifacts,
        search: SearchResult,
        latency: Latency,
        seconds: float,
        gpu: Mapping[str, str] | None = None,
    ) -> Record:
        """Add and return the record of a cell that took `seconds` to search and time.

        `gpu` is the state of the GPU just after that, if one is used.
        """
        test, corpus = self.dataset.test(), self.dataset.corpus
        seen, unseen = self.dataset.seen, self.dataset.unseen
        run = as_run(search.hits, test, corpus, cell.depth)
        per_query = judge(run, test, corpus, cell.depth)
        build = artifacts.build()
        learns = cell.job.method.trainer is not None
        training = _training(artifacts) if learns else None
        exact = artifacts.exact_ids() if learns else None
        postings = build.get("postings")
        result = Result(
            effort=search.effort.value,
            spent=self._spent(cell.budget, search, latency, exact),
            next_spent=search.effort.next_spent,
            quality=Quality(
                metrics=_means(per_query, np.ones(len(test), dtype=np.bool_)),
                metrics_unseen=_means(per_query, unseen) if unseen.any() else None,
                queries=len(test),
                queries_unseen=int(unseen.sum()),
                overlap_exact_10=None if exact is None else overlap(search.hits, exact),
                metrics_seen=_means(per_query, seen) if seen.any() else None,
                queries_seen=int(seen.sum()),
            ),
            cost=search.cost,
            latency=latency,
            durations=Durations(
                train=0.0 if training is None else training.seconds,
                build=build["seconds"],
                measure=round(seconds, 3),
            ),
            memory=Memory(
                index_disk=build["disk_bytes"],
                index_memory=build["memory_bytes"],
                build_peak=build["peak_bytes"],
                index_loaded=search.loaded_bytes,
                search_peak=search.peak_bytes,
                build_anonymous_peak=build.get("anonymous_peak_bytes"),
            ),
            postings=None if postings is None else from_plain(postings, Postings),
            training=training,
            artifacts=artifacts.relative_to(self.folder.path),
            form="whole" if cell.job.method.form is None else cell.job.method.form.name,
        )
        record = self._record(cell)
        record = replace(record, result=result, provenance=replace(record.provenance, gpu=gpu))
        columns = dict(per_query)
        if search.visited is not None:
            columns["visited"] = search.visited.astype(np.float64)
        self.folder.add(record, Details(columns, list(test.ids), unseen.tolist(), run))
        return record

    def record_failure(self, cell: Cell, failure: Failure) -> Record:
        """Add and return the record of a cell that could not be measured."""
        record = replace(self._record(cell), failure=failure)
        self.folder.add(record)
        return record

    def _spent(
        self, budget: Budget, search: SearchResult, latency: Latency, exact: Positions | None
    ) -> float | None:
        """Return what the budget limits, or the share of the quality of exact search."""
        if not budget.is_quality:
            return budget.spent(lambda: search.cost, lambda: latency.search_ms.p50)
        if exact is None:
            return None
        test, corpus = self.dataset.test(), self.dataset.corpus
        return share_of_exact(budget.kind, search.hits, exact, test, corpus)

    def _record(self, cell: Cell) -> Record:
        choice = self.choices.get(cell.name)
        selection = None
        if cell.menu is not None and choice is not None:
            selection = Selection(cell.menu.values, choice)
        return Record(
            cell=cell.name,
            dataset=self.dataset.name,
            method=cell.job.method.name,
            seed=cell.job.seed,
            budget=cell.budget,
            depth=cell.depth,
            settings=result_settings(cell.job.method, cell.job.settings),
            selection=selection,
            provenance=replace(self.provenance, encoder_sha256=cell.job.encoder_fingerprint),
        )


def _training(artifacts: Artifacts) -> Training:
    return from_plain(without_early_stopping(artifacts.summary()), Training)


def _means(per_query: PerQuery, kept: NDArray[np.bool_]) -> dict[str, float]:
    return {name: float(values[kept].mean()) for name, values in per_query.items()}
