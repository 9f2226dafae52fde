"""Gather what was measured on each dataset, from one or more runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.measure.quality import MEASURE
from harness.report.rows.ablation import AblationRow, ablation_rows
from harness.report.rows.summary import Row, summarise
from harness.store.ablations import Ablation
from harness.store.record import Record
from harness.store.run_folder import RunFolder
from harness.store.stored_run import StoredRun, ablations_of
from methods.errors import InputError

FIRST_DATASETS = ("hpo", "wordnet")
"""The datasets that every installation has; a report starts with them."""
Stored = tuple[Record, StoredRun]
"""A record and the run that it is in."""


@dataclass(frozen=True)
class DatasetRecords:
    """The records of a dataset at one depth, including those that failed or are unavailable."""

    dataset: str
    records: Sequence[Record]
    runs: Mapping[str, StoredRun]  # by cell
    # The arms of an ablation, the full method first. `records` has only the full method of these.
    arms: Mapping[str, Sequence[Record]] = field(default_factory=dict)
    smaller_depth: int | None = None  # the next smaller depth that was measured; None if none was
    _rows: dict[str, list[Row]] = field(default_factory=dict, compare=False)

    @property
    def title(self) -> str:
        """The dataset, and the depth if there is a smaller one."""
        return self.dataset if self.smaller_depth is None else f"{self.dataset}, depth {self.depth}"

    @property
    def depth(self) -> int:
        """The number of documents that a query asked for."""
        return self.ok[0].depth

    @property
    def ok(self) -> list[Record]:
        """The records that have a result."""
        return [record for record in self.records if record.status == "ok"]

    @property
    def measures(self) -> list[str]:
        """The measures that all records have."""
        first, *others = [record.measured.quality.metrics for record in self.ok]
        return [name for name in first if all(name in metrics for metrics in others)]

    def rows(self, measure: str) -> list[Row]:
        """Return one row per method and budget, with the values of this measure by query."""
        if measure not in self._rows:
            values = {r.cell: self.runs[r.cell].values(r.cell, measure) for r in self.ok}
            self._rows[measure] = summarise(self.records, values)
        return self._rows[measure]

    def ablation(self) -> list[AblationRow]:
        """Return one row per arm of the ablation and budget; none without an ablation."""
        if not self.arms:
            return []
        cells = [record.cell for records in self.arms.values() for record in records]
        values = {cell: self.runs[cell].values(cell, MEASURE) for cell in cells}
        return ablation_rows(self.arms, values, self.runs[cells[0]].values(cells[0], "unseen"))

    def record(self, cell: str) -> Record:
        """Return the record of a cell."""
        return next(record for record in self.records if record.cell == cell)

    def folder(self, cell: str) -> RunFolder | None:
        """Return the run folder of a cell, or None if its record is in a file."""
        run = self.runs[cell]
        return run if isinstance(run, RunFolder) else None

    def ranking(self, cell: str) -> dict[str, list[str]] | None:
        """Return the ids of the documents that a cell's search returned, best first, by query.

        Return None if the record is in a file, which has none.
        """
        folder = self.folder(cell)
        return None if folder is None else folder.ranking(cell)

    def artifact(self, record: Record, kind: str) -> Path | None:
        """Return the folder of a record's `encoder`, `embeddings` or `index`, if it exists."""
        run, relative = self.folder(record.cell), record.measured.artifacts.get(kind)
        path = run.path / relative if run is not None and relative else None
        return path if path is not None and path.is_dir() else None


def gather(runs: Sequence[StoredRun]) -> tuple[list[DatasetRecords], list[str]]:
    """Return the records of every dataset and depth, and one line for everything that is left out.

    FIRST_DATASETS come first, the others in the order of the runs. Records of different depths are
    not compared, so each depth is an entry of its own, if it has a record with a result; greater
    depths of a dataset come after all datasets.

    If several runs have a cell, its record in the first of them counts. The arms of an ablation
    are kept apart from the methods that are compared. If a dataset has several ablations at a
    depth, the first of them counts.

    Raises:
        InputError: If a folder is not a run folder, no record is ok, or one dataset name was used
            for different data.
    """
    by_cell: dict[str, Stored] = {}
    arms: dict[tuple[str, int], dict[str, list[Stored]]] = {}
    notes = []
    for run in runs:
        records = run.records()
        for ablation in ablations_of(run):
            finished = _finished_arms(ablation, records, run)
            full_method = next(iter(finished.values()), [])
            if full_method:
                first = full_method[0][0]
                arms.setdefault((first.dataset, first.depth), finished)
            kept = {record.cell for record, _ in full_method}
            set_apart = {cell for cells in ablation.arms.values() for cell in cells} - kept
            records = [record for record in records if record.cell not in set_apart]
        repeated = [record.cell for record in records if record.cell in by_cell]
        if repeated:
            notes.append(
                f"{len(repeated)} cells of {run.path} are also in an earlier run; "
                "their records in that run are used"
            )
        by_cell |= {r.cell: (r, run) for r in records if r.cell not in by_cell}
    files = [str(run.path) for run in runs if not isinstance(run, RunFolder)]
    if files:
        notes.append(
            f"no documents found, trees or training curves of {', '.join(files)}: "
            "only run folders have them"
        )
    if not any(record.status == "ok" for record, _ in by_cell.values()):
        paths = ", ".join(str(run.path) for run in runs)
        raise InputError(f"no finished record in {paths}; make some with ehibench run")
    found = dict.fromkeys(record.dataset for record, _ in by_cell.values())
    names = [name for name in FIRST_DATASETS if name in found]
    names += [name for name in found if name not in names]
    datasets = []
    for name in names:
        own = [pair for pair in by_cell.values() if pair[0].dataset == name]
        _check_checksums(name, own)
        depths = sorted({record.depth for record, _ in own if record.status == "ok"})
        for depth in sorted({record.depth for record, _ in own}.difference(depths)):
            notes.append(f"nothing on {name} was measured to depth {depth}: every record failed")
        for smaller, depth in zip([None, *depths], depths, strict=False):
            at_depth = [pair for pair in own if pair[0].depth == depth]
            of_arms = arms.get((name, depth), {})
            datasets.append(_dataset_records(name, at_depth, of_arms, smaller))
    return sorted(datasets, key=lambda each: each.smaller_depth is not None), notes


def _finished_arms(
    ablation: Ablation, records: Sequence[Record], run: StoredRun
) -> dict[str, list[Stored]]:
    """Return the records of every arm that are ok, or no arms if the full method has none."""
    by_cell = {record.cell: record for record in records if record.status == "ok"}
    arms = {
        arm: [(by_cell[cell], run) for cell in cells if cell in by_cell]
        for arm, cells in ablation.arms.items()
    }
    full_method = next(iter(arms.values()))
    return {arm: stored for arm, stored in arms.items() if stored} if full_method else {}


def _check_checksums(name: str, stored: Sequence[Stored]) -> None:
    checksums = {record.provenance.dataset_sha256 for record, _ in stored}
    if len(checksums) > 1:
        raise InputError(
            f"{name} is the name of {len(checksums)} different datasets; report them separately"
        )


def _dataset_records(
    name: str,
    own: Sequence[Stored],
    arms: Mapping[str, Sequence[Stored]],
    smaller_depth: int | None,
) -> DatasetRecords:
    of_arms = [pair for pairs in arms.values() for pair in pairs]
    return DatasetRecords(
        name,
        records=[record for record, _ in own],
        runs={record.cell: run for record, run in [*of_arms, *own]},
        arms={arm: [record for record, _ in pairs] for arm, pairs in arms.items()},
        smaller_depth=smaller_depth,
    )
