"""What was measured on a dataset, gathered from the run folders it lies in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.report.summary import Row, summarise
from harness.store import Record, RunFolder
from methods.errors import InputError


@dataclass(frozen=True)
class Measured:
    """The records of a dataset; those that are not ok stay, to be told."""

    dataset: str
    records: Sequence[Record]
    folders: Mapping[str, RunFolder]
    """By cell."""
    _rows: dict[str, list[Row]] = field(default_factory=dict, compare=False)

    @property
    def ok(self) -> list[Record]:
        """The records that have values."""
        return [record for record in self.records if record.status == "ok"]

    @property
    def measures(self) -> list[str]:
        """The measures that every record has."""
        first, *others = [record.metrics or {} for record in self.ok]
        return [name for name in first if all(name in metrics for metrics in others)]

    def rows(self, measure: str) -> list[Row]:
        """Return a row for every method and budget, with this measure's values by query."""
        if measure not in self._rows:
            values = {r.cell: self.folders[r.cell].values(r.cell, measure) for r in self.ok}
            self._rows[measure] = summarise(self.records, values)
        return self._rows[measure]

    def record(self, cell: str) -> Record:
        """Return the record of a cell."""
        return next(record for record in self.records if record.cell == cell)

    def ranking(self, cell: str) -> dict[str, list[str]]:
        """Return the documents a cell's search found, best first, by query id."""
        return self.folders[cell].ranking(cell)

    def artifact(self, record: Record, kind: str) -> Path | None:
        """Return the folder of a record's `encoder`, `embeddings` or `index`, if it is there."""
        relative = record.artifacts.get(kind)
        folder = self.folders[record.cell].path / relative if relative else None
        return folder if folder is not None and folder.is_dir() else None


def gather(folders: Sequence[RunFolder]) -> tuple[list[Measured], list[str]]:
    """Return what was measured on every dataset, and a line for what was left out.

    A cell that lies in several folders counts once, as it is in the first.

    Raises:
        InputError: If a folder is no run folder, nothing in them is ok, or a dataset's name
            stands for different data.
    """
    found: dict[str, tuple[Record, RunFolder]] = {}
    notes = []
    for folder in folders:
        records = folder.records()
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
    measured = [_of_dataset(name, found) for name in sorted(datasets)]
    return [each for each in measured if each.ok], notes + [
        f"nothing on {each.dataset} was measured: every record failed"
        for each in measured
        if not each.ok
    ]


def _of_dataset(name: str, found: Mapping[str, tuple[Record, RunFolder]]) -> Measured:
    own = {cell: pair for cell, pair in found.items() if pair[0].dataset == name}
    data = {record.provenance.get("dataset_sha256") for record, _ in own.values()}
    if len(data) > 1:
        raise InputError(f"{name} stands for {len(data)} different datasets; report them apart")
    records = [record for record, _ in own.values()]
    return Measured(name, records, {cell: folder for cell, (_, folder) in own.items()})
