"""Where the numbers come from: every command, and what it ran on."""

import json
from typing import Any

from harness.report.labels import failures, labels, training_lines
from harness.report.rows.dataset_records import DatasetRecords

FACTS = (
    "commit",
    "preset",
    "device",
    "device_name",
    "processor",
    "cores",
    "memory_gib",
    "threads",
    "system",
    "python",
    "dataset_source",
    "dataset_sha256",
)


def origin(measured: DatasetRecords) -> dict[str, Any]:
    """Return the commands with the facts and cells of each, and what was trained and failed."""
    runs: dict[str, dict[str, Any]] = {}
    named = labels(measured.records)
    for record in measured.records:
        known = record.provenance
        facts = {
            name: str(value) for name in FACTS if (value := getattr(known, name)) not in (None, "")
        }
        versions = ", ".join(f"{name} {of}" for name, of in known.versions.items())
        facts |= {"versions": versions} if versions else {}
        key = json.dumps([known.command, facts])
        run = runs.setdefault(
            key,
            {
                "command": known.command or "not recorded",
                "time": known.time,
                "facts": facts,
                "cells": {},
            },
        )
        line = run["cells"].setdefault(named[record.cell], [])
        line.append(record.cell)
    return {
        "runs": list(runs.values()),
        "trained": training_lines(measured.records),
        "failed": failures(measured.records),
        "settings": {named[record.cell]: record.settings for record in measured.ok},
    }
