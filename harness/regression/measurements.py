"""The input of a check: records, with the values of their test queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.store.record import Record
from harness.store.record_file import Columns
from harness.store.stored_run import StoredRun

NOT_MEASURES = {"query", "unseen", "visited"}


@dataclass(frozen=True)
class Measurements:
    """The latest record of each cell, and the columns of the records that are ok."""

    path: Path  # of the run folder or the file of records
    records: Sequence[Record]
    columns: Mapping[str, Columns]  # by cell


def read_measurements(run: StoredRun) -> Measurements:
    """Read the records and columns of a run. Raise InputError if a record is damaged."""
    records = run.records()
    columns = {r.cell: run.per_query(r.cell) for r in records if r.status == "ok"}
    return Measurements(run.path, records, columns)
