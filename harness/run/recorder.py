"""From what was measured to the record in the run folder."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harness.config import result_settings
from harness.datasets.dataset import Dataset
from harness.measure.quality import as_run, judge, overlap
from harness.plan.cells import Cell
from harness.store.artifacts import Artifacts
from harness.store.record import Details, Failure, Record, Status
from harness.store.run_folder import RunFolder
from harness.tasks.search import Outcome
from methods.errors import UnavailableError


@dataclass
class Recorder:
    """Judges what cells found and adds their records. `provenance` is the same for all of them."""

    dataset: Dataset
    folder: RunFolder
    provenance: Mapping[str, Any]

    def measured(
        self,
        cell: Cell,
        artifacts: Artifacts,
        outcome: Outcome,
        times: Mapping[str, Any],
        seconds: float,
    ) -> Record:
        """Add and return the record of a cell that was measured in `seconds`.

        `times` are the fields of the record that harness/run/rounds.py gives.
        """
        test, unseen = self.dataset.test(), self.dataset.unseen
        run = as_run(outcome.hits, test, self.dataset.corpus)
        per_query = judge(run, test, self.dataset.corpus)
        spend, build = outcome.spend, artifacts.build()
        learns = cell.job.method.trainer is not None
        training = artifacts.summary() if learns else {}
        record = replace(
            self._record(cell),
            effort=outcome.effort,
            spent=times["latency_ms"]["p50"]
            if cell.budget_by == "latency"
            else spend.by(cell.budget_by)
            if learns
            else spend.visited,
            next_spent=outcome.next_spent,
            visited=spend.visited,
            macs=spend.macs,
            scan_macs=spend.scan_macs,
            route_macs=spend.route_macs,
            cost_exact=outcome.cost_exact,
            metrics=_means(per_query, np.ones(len(test), dtype=np.bool_)),
            metrics_unseen=_means(per_query, unseen) if unseen.any() else None,
            overlap_exact_10=overlap(outcome.hits, artifacts.exact_ids()) if learns else None,
            queries=len(test),
            queries_unseen=int(unseen.sum()),
            seconds={
                "train": training.get("seconds", 0.0),
                "build": build["seconds"],
                "measure": round(seconds, 3),
            },
            bytes={
                "index_disk": build["disk_bytes"],
                "index_memory": build["memory_bytes"],
                "build_peak": build["peak_bytes"],
                "index_loaded": outcome.loaded_bytes,
                "search_peak": outcome.peak_bytes,
            },
            postings=build.get("postings"),
            artifacts=artifacts.relative_to(self.folder.path),
            training=training,
            **times,
        )
        visited = {} if outcome.visited is None else {"visited": outcome.visited}
        columns = {**per_query, **{n: v.astype(np.float64) for n, v in visited.items()}}
        self.folder.add(record, Details(columns, list(test.ids), unseen.tolist(), run))
        return record

    def failed(self, cell: Cell, failure: Failure) -> Record:
        """Add and return the record of a cell that could not be measured."""
        absent = failure.error == UnavailableError.__name__
        status: Status = "unavailable" if absent else "failed"
        record = replace(
            self._record(cell), status=status, reason=failure.reason, error=failure.error
        )
        self.folder.add(record)
        return record

    def _record(self, cell: Cell) -> Record:
        return Record(
            cell=cell.name,
            dataset=self.dataset.name,
            method=cell.job.method.name,
            seed=cell.job.seed,
            budget=cell.budget,
            budget_by=cell.budget_by,
            status="ok",
            settings=result_settings(cell.job.method, cell.job.settings),
            menu={} if cell.menu is None else cell.menu.values,
            chosen=cell.chosen or {},
            provenance={**self.provenance, "encoder_sha256": cell.job.encoder_fingerprint},
        )


def _means(
    per_query: Mapping[str, "np.ndarray[Any, Any]"], kept: "np.ndarray[Any, Any]"
) -> dict[str, float]:
    return {name: float(values[kept].mean()) for name, values in per_query.items()}
