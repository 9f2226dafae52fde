"""The provenance of the numbers: the commands that made them, and what each ran on."""

import json
from collections.abc import Mapping
from typing import Any

from harness.report.labels import failures, labels, training_lines
from harness.report.rows.dataset_records import DatasetRecords

FACTS = (
    "commit",
    "preset",
    "device",
    "encode_device",
    "search_device",
    "device_name",
    "processor",
    "instruction_set",
    "caches",
    "governor",
    "max_mhz",
    "turbo",
    "cores",
    "memory_gib",
    "memory_limit",
    "threads",
    "system",
    "python",
    "dataset_source",
    "dataset_sha256",
    "dataset_documents",
    "versions",
    "builds",
)


def origin(measured: DatasetRecords) -> dict[str, Any]:
    """Return the commands that made the records, what was trained, and what failed.

    Records with the same command and the same facts belong to one run, which lists its cells by
    label.
    """
    runs: dict[str, dict[str, Any]] = {}
    named = labels(measured.records)
    for record in measured.records:
        provenance = record.provenance
        facts = {
            name: _fact(value)
            for name in FACTS
            if (value := getattr(provenance, name)) not in (None, "", {})
        }
        key = json.dumps([provenance.command, facts])
        run = runs.setdefault(
            key,
            {
                "command": provenance.command or "not recorded",
                "time": provenance.time,
                "facts": facts,
                "cells": {},
            },
        )
        run["cells"].setdefault(named[record.cell], []).append(record.cell)
    return {
        "runs": list(runs.values()),
        "trained": training_lines(measured.records),
        "failed": failures(measured.records),
    }


def _fact(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {text}" for name, text in value.items())
    return str(value)
