"""Read and write what a drift measured: `drift/<cell>/` in the run folder, for each arm.

drift.json holds the record, per_query.json the values of every query. A folder is written
completely, with checksums, or not at all.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from harness.measure.budget import Budget, MeanCost
from harness.measure.quality import PerQuery
from harness.plan.drift import DriftArm
from harness.store.provenance import Provenance
from harness.store.record import Failure, Settings
from harness.store.record_json import from_plain
from harness.store.run_folder import RunFolder
from methods.atomic_files import first_damaged, new_folder, write_json

RECORD, VALUES = "drift.json", "per_query.json"


@dataclass(frozen=True)
class DriftSeconds:
    """What the documents that arrived cost: adding, building, or training and building.

    Embedding is not part of it, nor what was done before they arrived.
    """

    train: float = 0.0
    build: float = 0.0
    add: float = 0.0

    @property
    def total(self) -> float:
        """The seconds of all steps."""
        return self.train + self.build + self.add


@dataclass(frozen=True)
class DriftQuality:
    """Means over some of the test queries, by the names of ir-measures."""

    metrics: Mapping[str, float]
    queries: int


@dataclass(frozen=True)
class DriftResult:
    """The measurements of an arm.

    `quality` is that of "all" test queries, of the "seen" and the "unseen" ones, of those whose
    relevant documents were all there "first", and of those with a relevant one that came "later".
    A part without queries is left out. Seen are queries with a relevant document that is relevant
    to a training query too, whenever that document arrived.
    """

    effort: int
    cost: MeanCost
    quality: Mapping[str, DriftQuality]
    seconds: DriftSeconds
    largest_over_mean: float | None  # of the lists


@dataclass(frozen=True)
class DriftRecord:
    """An arm of a drift with its result, or with the reason why it has none."""

    cell: str
    dataset: str
    method: str
    arm: DriftArm
    share: float  # of the documents, which arrived later
    seed: int
    budget: Budget
    depth: int
    settings: Settings = field(default_factory=dict)
    provenance: Provenance = field(default_factory=Provenance)
    result: DriftResult | None = None
    failure: Failure | None = None


def write_drift(folder: RunFolder, record: DriftRecord, values: PerQuery) -> None:
    """Save the record of an arm, with the values (queries,) of each measure."""
    with new_folder(folder.path / "drift" / record.cell) as draft:
        write_json(draft / RECORD, asdict(record))
        rounded = {name: np.round(column, 9).tolist() for name, column in values.items()}
        write_json(draft / VALUES, rounded)


def read_drift(folder: RunFolder, cell: str) -> DriftRecord | None:
    """Return the record of an arm, or None if it was not measured or its files are damaged."""
    path = folder.path / "drift" / cell
    if first_damaged(path) is not None:
        return None
    return from_plain(_read(path / RECORD), DriftRecord)


def drift_values(folder: RunFolder, cell: str, measure: str) -> list[float]:
    """Return the value of a measure for each test query, of an arm that was measured."""
    values: list[float] = _read(folder.path / "drift" / cell / VALUES)[measure]
    return values


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
