"""What was measured on a dataset, gathered from the run folders it lies in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.report.rows.ablation import MEASURE, AblationRow, ablation_rows
from harness.report.rows.summary import Row, summarise
from harness.store.ablations import Ablation, read_ablations
from harness.store.record import Record
from harness.store.run_folder import RunFolder
from methods.errors import InputError


@dataclass(frozen=True)
class DatasetRecords:
    """The records of a dataset; those that are not ok stay, to be told."""

    dataset: str
    records: Sequence[Record]
    folders: Mapping[str, RunFolder]
    """By cell."""
    arms: Mapping[str, Sequence[Record]] = field(default_factory=dict)
    """Those of an ablation by the arm's name, the full method first; only it is in `records`."""
    _rows: dict[str, list[Row]] = field(default_factory=dict, compare=False)

    @property
    def ok(self) -> list[Record]:
        """The records that have values."""
        return [record for record in self.records if record.status == "ok"]

    @property
    def measures(self) -> list[str]:
        """The measures that every record has."""
        first, *others = [record.measured.quality.metrics for record in self.ok]
        return [name for name in first if all(name in metrics for metrics in others)]

    def rows(self, measure: str) -> list[Row]:
        """Return a row for every method and budget, with this measure's values by query."""
        if measure not in self._rows:
            values = {r.cell: self.folders[r.cell].values(r.cell, measure) for r in self.ok}
            self._rows[measure] = summarise(self.records, values)
        return self._rows[measure]

    def ablation(self) -> list[AblationRow]:
        """Return a row for every arm of the ablation and budget, if there was one."""
        if not self.arms:
            return []
        cells = [record.cell for of_arm in self.arms.values() for record in of_arm]
        values = {cell: self.folders[cell].values(cell, MEASURE) for cell in cells}
        return ablation_rows(self.arms, values)

    def record(self, cell: str) -> Record:
        """Return the record of a cell."""
        return next(record for record in self.records if record.cell == cell)

    def ranking(self, cell: str) -> dict[str, list[str]]:
        """Return the documents a cell's search found, best first, by query id."""
        return self.folders[cell].ranking(cell)

    def artifact(self, record: Record, kind: str) -> Path | None:
        """Return the folder of a record's `encoder`, `embeddings` or `index`, if it is there."""
        relative = record.measured.artifacts.get(kind)
        folder = self.folders[record.cell].path / relative if relative else None
        return folder if folder is not None and folder.is_dir() else None


def gather(folders: Sequence[RunFolder]) -> tuple[list[DatasetRecords], list[str]]:
    """Return what was measured on every dataset, and a line for what was left out.

    A cell that lies in several folders counts once, as it is in the first. The arms of an ablation
    are kept apart from what is compared; of several ablations the first counts.

    Raises:
        InputError: If a folder is no run folder, nothing in them is ok, or a dataset's name
            stands for different data.
    """
    found: dict[str, tuple[Record, RunFolder]] = {}
    arms: dict[str, dict[str, list[tuple[Record, RunFolder]]]] = {}
    notes = []
    for folder in folders:
        records = folder.records()
        for ablation in read_ablations(folder):
            of_arms = _arms(ablation, records, folder)
            full = next(iter(of_arms.values()), [])
            if full:
                arms.setdefault(full[0][0].dataset, of_arms)
            kept = {record.cell for record, _ in full}
            left = {cell for cells in ablation.arms.values() for cell in cells} - kept
            records = [record for record in records if record.cell not in left]
        again = [record.cell for record in records if record.cell in found]
        if again:
            notes.append(
                f"{len(again)} cells of {folder.path} are also in a folder named before it; "
                "they count once, as they are there"
            )
        found |= {r.cell: (r, folder) for r in records if r.cell not in found}
    places = ", ".join(str(folder.path) for folder in folders)
    if not any(record.status == "ok" for record, _ in found.values()):
        raise InputError(f"no finished record in {places}; ehibench run makes some")
    datasets = dict.fromkeys(record.dataset for record, _ in found.values())
    measured = [_of_dataset(name, found, arms.get(name, {})) for name in sorted(datasets)]
    return [each for each in measured if each.ok], notes + [
        f"nothing on {each.dataset} was measured: every record failed"
        for each in measured
        if not each.ok
    ]


def _arms(
    ablation: Ablation, records: Sequence[Record], folder: RunFolder
) -> dict[str, list[tuple[Record, RunFolder]]]:
    """Return the records of every arm that are ok; without the full method's there are none."""
    by_cell = {record.cell: record for record in records if record.status == "ok"}
    of_arms = {
        arm: [(by_cell[cell], folder) for cell in cells if cell in by_cell]
        for arm, cells in ablation.arms.items()
    }
    whole = next(iter(of_arms.values()))
    return {arm: pairs for arm, pairs in of_arms.items() if pairs} if whole else {}


def _of_dataset(
    name: str,
    found: Mapping[str, tuple[Record, RunFolder]],
    arms: Mapping[str, Sequence[tuple[Record, RunFolder]]],
) -> DatasetRecords:
    own = {cell: pair for cell, pair in found.items() if pair[0].dataset == name}
    data = {record.provenance.dataset_sha256 for record, _ in own.values()}
    if len(data) > 1:
        raise InputError(f"{name} stands for {len(data)} different datasets; report them apart")
    records = [record for record, _ in own.values()]
    of_arms = {record.cell: folder for pairs in arms.values() for record, folder in pairs}
    folders = of_arms | {cell: folder for cell, (_, folder) in own.items()}
    by_arm = {arm: [record for record, _ in pairs] for arm, pairs in arms.items()}
    return DatasetRecords(name, records, folders, by_arm)
