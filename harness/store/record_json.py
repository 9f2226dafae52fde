"""Write records as JSON, and read the current format and that of ehibench 0.1."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TypeVar

from cattrs import Converter
from cattrs.errors import ForbiddenExtraKeysError

from harness.measure.quality import DEFAULT_DEPTH
from harness.plan.hashed_identity import FIRST_DEPTH, with_added_defaults
from harness.retired_settings import without_retired_defaults
from harness.store.record import Record
from harness.store.record_v1 import upgrade
from methods.atomic_files import first_damaged
from methods.errors import InputError

T = TypeVar("T")

FORMAT = 2
CONVERTER = Converter(forbid_extra_keys=True, detailed_validation=False)


def record_to_json(record: Record) -> dict[str, Any]:
    """Return a record as plain values, with its status for programs that read only the JSON."""
    return {"format": FORMAT, "status": record.status, **asdict(record)}


def record_from_json(values: Mapping[str, Any]) -> Record:
    """Return the record that `record_to_json`, or ehibench 0.1, wrote as these values.

    Raise ValueError if the values are not a record.
    """
    number = values.get("format", 1)
    if number == 1:
        record = from_plain(values, Record, upgrade)
    elif number == FORMAT:
        record = from_plain(values, Record, _fields)
    else:
        raise ValueError(f"format {number}; this version reads up to {FORMAT}")
    settings = without_retired_defaults(record.settings)
    return replace(record, settings=with_added_defaults(record.method, settings))


def _fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a record, without those for other programs or of an earlier version."""
    fields = {name: value for name, value in values.items() if name not in ("format", "status")}
    result = {name: value for name, value in (fields["result"] or {}).items() if name != "codes"}
    if "depth" not in fields:  # the result's, once; a failure had none
        fields["depth"] = result.pop("depth", FIRST_DEPTH if result else DEFAULT_DEPTH)
    if result:
        latency = result["latency"].items()
        result["latency"] = {name: value for name, value in latency if name != "device_events"}
    return {**fields, "result": result or None}


def from_plain(
    values: Mapping[str, Any],
    kind: type[T],
    prepare: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict,
) -> T:
    """Return a `kind` made of `prepare(values)`. Raise ValueError if the values do not fit."""
    try:
        return CONVERTER.structure(prepare(values), kind)
    except KeyError as error:
        raise ValueError(f"{error} is missing") from None
    except (ForbiddenExtraKeysError, TypeError) as error:
        raise ValueError(str(error)) from None


def read_record(attempt: Path) -> Record:
    """Read the record of an attempt. Raise InputError if a file of the attempt is damaged."""
    if (damaged := first_damaged(attempt)) is not None:
        raise InputError(f"{damaged} is damaged or missing; move {attempt} away")
    path = attempt / "record.json"
    try:
        return record_from_json(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise InputError(
            f"{path} is not a record that this version reads ({error}); move {attempt} away"
        ) from None
