"""Read and write the records of a run as one file, small enough to commit.

Such a file has what `check`, `show` and `report` read in a run folder: the latest record of every
cell, also of those that failed, the ablations, and the values of every measure for every test
query. It has no rankings, no documents visited by query and no trained files. It is JSON lines,
compressed by xz, whose checksums detect damage:

    {"format": 2, "queries": [ID...], "columns": [NAME...], "values": [ROW...], "ablations": [...]}
    one line per cell: {"record": RECORD, "codes": [CODE...]}

A row has one value for each of the columns of per_query.json. Few rows are different, so each is
listed once, and a cell has the positions of its rows in `values`, in the order of the queries. No
value is rounded again.
"""

import json
import lzma
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from harness.store.ablations import Ablation
from harness.store.record import Record
from harness.store.record_json import record_from_json, record_to_json
from methods.atomic_files import new_file
from methods.errors import InputError

FORMAT = 2
XZ_MAGIC = b"\xfd7zXZ\x00"
NOT_KEPT = {"query", "visited"}
"""Columns of per_query.json that have no codes: the ids, and numbers that hardly ever repeat."""
Columns = Mapping[str, Sequence[Any]]
"""The ids of a cell's test queries under "query", and their values by the name of the column."""


@dataclass(frozen=True)
class RecordFile:
    """The content of a file of records, with the methods of `RunFolder` that read records."""

    path: Path
    saved: Sequence[Record]
    columns: Mapping[str, Columns]  # by cell, of the records that are ok
    ablations: Sequence[Ablation] = ()

    def records(self) -> list[Record]:
        """Return the record of every cell, in the order of the run folder."""
        return list(self.saved)

    def per_query(self, cell: str) -> Columns:
        """Return the columns of a cell, by name."""
        return self.columns[cell]

    def values(self, cell: str, measure: str) -> dict[str, float]:
        """Return the value of a measure by query id."""
        columns = self.columns[cell]
        return dict(zip(columns["query"], columns[measure], strict=True))


def write_record_file(content: RecordFile) -> None:
    """Write the content, whose cells must have the same queries, to its path.

    Equal contents become equal bytes.
    """
    every = content.columns.values()
    names = [name for name in dict.fromkeys(n for c in every for n in c) if name not in NOT_KEPT]
    counts = Counter(row for columns in every for row in _rows(columns, names))
    values = [row for row, _ in counts.most_common()]  # the shortest codes for the most frequent
    code_of = {row: code for code, row in enumerate(values)}
    head = {
        "format": FORMAT,
        "queries": next(iter(every))["query"],
        "columns": names,
        "values": values,
        "ablations": [ablation.arms for ablation in content.ablations],
    }
    with new_file(content.path) as draft, lzma.open(draft, "wt", encoding="utf-8") as file:
        _write_line(file, head)
        for record in content.saved:
            line: dict[str, Any] = {"record": record_to_json(record)}
            if record.cell in content.columns:
                rows = _rows(content.columns[record.cell], names)
                line["codes"] = [code_of[row] for row in rows]
            _write_line(file, line)


def read_record_file(path: Path) -> RecordFile:
    """Read a file of records, or a baseline file of ehibench 0.1.

    Raise InputError if it cannot be read, is damaged or has another format.
    """
    try:
        with _open(path) as file:
            head, *lines = map(json.loads, file)
        if head["format"] not in (1, FORMAT):
            raise ValueError(f"format {head['format']}; this version reads up to {FORMAT}")
        records = [record_from_json(line["record"]) for line in lines]
        columns = {
            record.cell: _columns(head, line)
            for record, line in zip(records, lines, strict=True)
            if record.status == "ok"
        }
        ablations = [Ablation(arms) for arms in head.get("ablations", [])]
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, TypeError, LookupError, AttributeError, EOFError, lzma.LZMAError) as error:
        raise InputError(
            f"{path} is damaged, or is not a file of records that this version reads ({error!r}); "
            f"save it again with ehibench baseline RUN {path}"
        ) from None
    return RecordFile(path, records, columns, ablations)


def _columns(head: Mapping[str, Any], line: Mapping[str, Any]) -> Columns:
    """Return the columns of a cell; format 1 has them as they are, under "values"."""
    if head["format"] == 1:
        columns: Mapping[str, Sequence[Any]] = line["values"]
    else:
        rows = [head["values"][code] for code in line["codes"]]
        by_name = zip(head["columns"], zip(*rows, strict=True), strict=True)
        columns = {name: values for name, values in by_name if values[0] is not None}
    queries = head["queries"]
    for name, values in columns.items():
        if len(values) != len(queries):
            raise ValueError(f"{len(values)} values of {name} for {len(queries)} queries")
    return {"query": queries, **columns}


def _rows(columns: Columns, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Return the row of each query, with None for a column that the cell does not have."""
    missing = [None] * len(columns["query"])
    return zip(*(columns.get(name, missing) for name in names), strict=True)


def _open(path: Path) -> IO[str]:
    with path.open("rb") as file:
        compressed = file.read(len(XZ_MAGIC)) == XZ_MAGIC
    if compressed:
        return lzma.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _write_line(file: IO[str], line: Mapping[str, Any]) -> None:
    file.write(json.dumps(line, separators=(",", ":"), allow_nan=False) + "\n")
