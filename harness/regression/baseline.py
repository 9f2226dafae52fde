"""What is compared: the records of a run folder or of a baseline file, with their queries' values.

A baseline file is JSON lines, so that a change of one cell is a change of one line: the format
and the ids of the test queries, then a cell a line, with its record and the values of
every measure in the order of the queries.
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


@dataclass(frozen=True)
class Measurements:
    """The latest records of some cells and, by cell, the columns of those that are ok.

    `columns` have "query", the ids, and a measure's values by its name.
    """

    place: Path
    records: Sequence[Record]
    columns: Mapping[str, Columns]


def read_measurements(place: Path) -> Measurements:
    """Read a run folder or a baseline file.

    Raise InputError where there is neither, or where it is damaged or of another version.
    """
    if place.is_dir():
        return _of_run(RunFolder(place))
    if not place.exists():
        raise InputError(
            f"{place} is neither a run folder nor a baseline file; "
            f"ehibench run --out {place} makes the one, ehibench baseline RUN {place} the other"
        )
    return _of_file(place)


def save_baseline(run: Path, file: Path) -> list[Record]:
    """Write what `check` needs of a run folder to a file. Return the records that were left out.

    Those are the ones that are not ok. Raise InputError where nothing else is there, or where
    cells have different queries.
    """
    measured = _of_run(RunFolder(run))
    kept = [record for record in measured.records if record.status == "ok"]
    if not kept:
        raise InputError(f"no cell of {run} is finished; ehibench run --out {run} measures them")
    queries = measured.columns[kept[0].cell]["query"]
    for record in kept:
        if measured.columns[record.cell]["query"] != queries:
            raise InputError(
                f"{kept[0].cell} and {record.cell} were measured on different queries; "
                "a baseline is of one dataset: run it in a folder of its own"
            )
    lines: list[dict[str, Any]] = [{"format": FORMAT, "queries": queries}]
    for record in kept:
        values = {
            name: [_short(value) for value in column]
            for name, column in measured.columns[record.cell].items()
            if name not in NOT_MEASURES
        }
        lines.append({"record": record_to_json(record), "values": values})
    with new_file(file) as draft:
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        draft.write_text(text, encoding="utf-8")
    return [record for record in measured.records if record.status != "ok"]


def _of_run(folder: RunFolder) -> Measurements:
    records = folder.records()
    columns = {r.cell: folder.per_query(r.cell) for r in records if r.status == "ok"}
    return Measurements(folder.path, records, columns)


def _of_file(path: Path) -> Measurements:
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
                columns[record.cell] = _columns(head["queries"], cell["values"])
    except (ValueError, TypeError, LookupError, StopIteration) as error:
        raise InputError(
            f"{path}, line {number}, is no baseline of this version ({error!r}); "
            f"ehibench baseline RUN {path} saves it again"
        ) from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    return Measurements(path, records, columns)


def _columns(queries: Sequence[str], values: Columns) -> Columns:
    for name, column in values.items():
        if len(column) != len(queries):
            raise ValueError(f"{len(column)} values of {name} for {len(queries)} queries")
    return {"query": queries, **values}


def _short(value: float) -> float | int:
    """Return 0 and 1, which most values are, in one character."""
    return int(value) if value == int(value) else value
