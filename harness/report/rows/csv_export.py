"""Records as CSV."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, get_args, get_origin, get_type_hints

from harness.store.record import Record

PREFIXES = {"metrics": "", "metrics_unseen": "unseen "}
"""What stands before the keys of a nested field, where that is not its name and a dot."""
LEFT_OUT = ("settings", "provenance")


def records_to_csv(records: Sequence[Record]) -> str:
    """Return a header and one row a record, with empty cells for what a record has no value for.

    Columns follow the fields of a record. Nested fields have a column a key, in the order in
    which the records have them: a measure's name, "unseen " and a measure's name, else the
    field, a dot and the key. Lists are JSON, and so are the settings, which come last. The
    provenance is left out.
    """
    rows = [_row(record) for record in records]
    columns = []
    for name, nested in _fields():
        found = (key for row in rows for key in row.get(name, {})) if nested else [name]
        columns += [(name, key) for key in dict.fromkeys(found)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*(key for _, key in columns), "settings"])
    for record, row in zip(records, rows, strict=True):
        cells = [row[name].get(key) for name, key in columns]
        writer.writerow([*cells, json.dumps(record.settings)])
    return text.getvalue()


def _fields() -> list[tuple[str, bool]]:
    """Return the names of the exported fields, and whether each holds more than one value."""
    kinds = get_type_hints(Record)
    names = [field.name for field in fields(Record) if field.name not in LEFT_OUT]
    return [(name, _is_mapping(kinds[name])) for name in names]


def _is_mapping(kind: Any) -> bool:
    return any(get_origin(part) is Mapping for part in (kind, *get_args(kind)))


def _row(record: Record) -> dict[str, dict[str, Any]]:
    """Return the cells of every field, by column."""
    return {
        name: _flat(getattr(record, name) or {}, PREFIXES.get(name, f"{name}."))
        if nested
        else {name: getattr(record, name)}
        for name, nested in _fields()
    }


def _flat(values: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            cells |= _flat(value, f"{prefix}{key}.")
        else:
            cells[f"{prefix}{key}"] = json.dumps(value) if isinstance(value, list) else value
    return cells
