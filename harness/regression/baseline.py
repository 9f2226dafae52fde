"""Read and write what a check compares: records, with the values of their test queries.

They come from a run folder or from a baseline file. A baseline file is JSON lines, so that a change
to one cell changes one line: first the format and the ids of the test queries, then one line per
cell, with its record and the values of every measure in the order of the queries.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.store.record import Record
from harness.store.record_json import record_from_json, record_to_json
from harness.store.run_folder import RunFolder
from methods.atomic_files import new_file
from methods.errors import InputError

FORMAT = 1
NOT_MEASURES = {"query", "unseen", "visited"}
Columns = Mapping[str, Sequence[Any]]
"""The ids of a cell's test queries under "query", and their values by the name of the measure."""


@dataclass(frozen=True)
class Measurements:
    """The latest record of each cell, and the columns of the records that are ok."""

    path: Path  # of the run folder or baseline file
    records: Sequence[Record]
    columns: Mapping[str, Columns]  # by cell


def read_measurements(path: Path) -> Measurements:
    """Read a run folder or a baseline file.

    Raise InputError if there is neither, or if it is damaged or has another format.
    """
    if path.is_dir():
        return _read_run(RunFolder(path))
    if not path.exists():
        raise InputError(
            f"{path} is neither a run folder nor a baseline file; make a run folder with "
            f"ehibench run --out {path}, or a baseline file with ehibench baseline RUN {path}"
        )
    return _read_file(path)


def save_baseline(run: Path, file: Path) -> list[Record]:
    """Write what `check` needs from a run folder to a file.

    Return the records that were left out because they are not ok. Raise InputError if no record
    is ok, or if cells have different queries.
    """
    measurements = _read_run(RunFolder(run))
    kept = [record for record in measurements.records if record.status == "ok"]
    if not kept:
        raise InputError(
            f"no cell of {run} is finished; measure them with ehibench run --out {run}"
        )
    queries = measurements.columns[kept[0].cell]["query"]
    for record in kept:
        if measurements.columns[record.cell]["query"] != queries:
            raise InputError(
                f"{kept[0].cell} and {record.cell} were measured on different queries; "
                "a baseline holds one dataset: run each dataset in a folder of its own"
            )
    lines: list[dict[str, Any]] = [{"format": FORMAT, "queries": queries}]
    for record in kept:
        values = {
            name: [_compact(value) for value in column]
            for name, column in measurements.columns[record.cell].items()
            if name not in NOT_MEASURES
        }
        lines.append({"record": record_to_json(record), "values": values})
    with new_file(file) as draft:
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        draft.write_text(text, encoding="utf-8")
    return [record for record in measurements.records if record.status != "ok"]


def _read_run(folder: RunFolder) -> Measurements:
    records = folder.records()
    columns = {r.cell: folder.per_query(r.cell) for r in records if r.status == "ok"}
    return Measurements(folder.path, records, columns)


def _read_file(path: Path) -> Measurements:
    number = 1
    try:
        with path.open(encoding="utf-8") as lines:
            head = json.loads(next(lines))
            if head["format"] != FORMAT:
                raise ValueError(f"format {head['format']}, not {FORMAT}")
            records, columns = [], {}
            for line in lines:
                number += 1
                cell = json.loads(line)
                record = record_from_json(cell["record"])
                records.append(record)
                columns[record.cell] = _with_queries(cell["values"], head["queries"])
    except (ValueError, TypeError, LookupError, StopIteration) as error:
        raise InputError(
            f"{path}, line {number}, is not a baseline of this version ({error!r}); "
            f"save it again with ehibench baseline RUN {path}"
        ) from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    return Measurements(path, records, columns)


def _with_queries(values: Columns, queries: Sequence[str]) -> Columns:
    for name, column in values.items():
        if len(column) != len(queries):
            raise ValueError(f"{len(column)} values of {name} for {len(queries)} queries")
    return {"query": queries, **values}


def _compact(value: float) -> float | int:
    """Return 0 and 1, the most frequent values, as integers, which take one character in JSON."""
    return int(value) if value == int(value) else value
