"""Every record of a dataset in words, for the panel that a method's name in a table opens."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from harness.report.labels import labels
from harness.report.numbers import percent, short
from harness.report.page.budget_order import budget_order
from harness.report.rows.dataset_records import DatasetRecords
from harness.report.trial_counts import tried_in_words
from harness.store.quality import PARTS
from harness.store.record import Record, Result

BINS = 10
"""Bars of a histogram over the queries' values, which go from 0 to 1."""
MIB = 2**20
Fact = Callable[[Result], str]

COSTS: Mapping[str, Fact] = {
    "effort": lambda r: f"{r.effort:,}",
    "documents visited, %": lambda r: percent(r.cost.visited),
    "multiply-adds of the scan, % of a full one": lambda r: percent(r.cost.scan_macs),
    "multiply-adds of routing, %": lambda r: percent(r.cost.route_macs),
    "median search, ms": lambda r: f"{r.latency.search_ms.p50:.4f}",
    "95th percentile, ms": lambda r: f"{r.latency.search_ms.p95:.4f}",
    "99th percentile, ms": lambda r: f"{r.latency.search_ms.p99:.4f}",
    "median with encoding the query, ms": lambda r: f"{r.latency.end_to_end_ms.p50:.4f}",
    "queries per second, all threads": lambda r: f"{r.latency.throughput.queries_per_second:,.0f}",
}
PREPARATION: Mapping[str, Fact] = {
    "trained": lambda r: " and ".join(r.training.trained_parts) if r.training else "",
    "encoder updates": lambda r: f"{r.training.encoder_updates:,}" if r.training else "",
    "training, s": lambda r: f"{r.durations.train:.1f}",
    "building the index, s": lambda r: f"{r.durations.build:.1f}",
    "index on disk, MiB": lambda r: f"{r.memory.index_disk / MIB:.1f}",
    "index in memory, MiB": lambda r: f"{r.memory.index_memory / MIB:.1f}",
    "peak of building, MiB": lambda r: f"{r.memory.build_peak / MIB:.0f}",
    "peak of searching, MiB": lambda r: f"{r.memory.search_peak / MIB:.0f}",
    "leaves or lists": lambda r: f"{r.postings.leaves:,}" if r.postings else "",
    "largest of them, documents": lambda r: f"{r.postings.largest:,}" if r.postings else "",
    "empty ones": lambda r: f"{r.postings.dead:,}" if r.postings else "",
}


def record_facts(measured: DatasetRecords) -> dict[str, Any]:
    """Return what the panels of all records show.

    These are the names of the facts, the distinct settings, whether any setting was chosen from a
    menu, and, by label, one entry per budget. An entry has, for each seed, the facts in the order
    of their names, "" where a record has none; the position of its settings; the menus of those
    that were chosen, and how many combinations were tried; and, by measure, the number of queries
    whose mean over seeds is in each tenth from 0 to 1.
    """
    named = labels(measured.records)
    settings: dict[str, int] = {}
    entries: dict[str, list[dict[str, Any]]] = {}
    by_cell = {record.cell: record for record in measured.ok}
    rows = {name: sorted(measured.rows(name), key=budget_order) for name in measured.measures}
    for position, row in enumerate(next(iter(rows.values()))):
        first = by_cell[row.cells[0]]
        written = json.dumps(_flat(first.settings))
        entries.setdefault(named[first.cell], []).append(
            {
                "budget": row.budget.label,
                "kind": row.budget.kind,
                "unlimited": row.budget.unlimited,
                "seeds": list(row.seeds),
                "cells": list(row.cells),
                "facts": [_facts(by_cell[cell], measured.measures) for cell in row.cells],
                "settings": settings.setdefault(written, len(settings)),
                "menu": _menu(first),
                "tried": tried_in_words(first.selection),
                "histograms": {
                    measure: _histogram(list(own[position].per_query.values()))
                    for measure, own in rows.items()
                },
            }
        )
    return {
        "names": [*_quality_names(measured.measures), *COSTS, *PREPARATION],
        "settings": [json.loads(written) for written in settings],
        "chosen": any(record.selection is not None for record in measured.ok),
        "entries": entries,
    }


def _quality_names(measures: list[str]) -> list[str]:
    parts = [f"{part} {measure}" for part in PARTS for measure in measures]
    return [*measures, *parts, "overlap with exact search"]


def _facts(record: Record, measures: list[str]) -> list[str]:
    result = record.measured
    means = [result.quality.metrics, *map(result.quality.part, PARTS)]
    values = [mean.get(measure) for mean in means for measure in measures]
    values.append(result.quality.overlap_exact_10)
    return [
        *("" if value is None else short(value) for value in values),
        *(fact(result) for fact in (*COSTS.values(), *PREPARATION.values())),
    ]


def _flat(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {
        f"{section}.{key}": str(v) for section, own in settings.items() for key, v in own.items()
    }


def _menu(record: Record) -> dict[str, str]:
    """Return by setting the values that it was chosen from."""
    if record.selection is None:
        return {}
    return {name: ", ".join(map(str, v)) for name, v in record.selection.menu.items()}


def _histogram(values: list[float]) -> list[int]:
    counts: list[int] = np.histogram(values, bins=BINS, range=(0, 1))[0].tolist()
    return counts
