"""Records as CSV, with the column names that ehibench 0.1 gave them."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from harness.store.quality import PARTS
from harness.store.record import Latency, Record, Result, Selection

IDENTITY = ("cell", "dataset", "method", "seed", "budget", "budget_by", "depth")
OUTCOME = ("status", "reason", "error")
COST = (
    *("effort", "spent", "next_spent"),
    *("visited", "macs", "scan_macs", "route_macs", "cost_exact"),
)
MEASURED_SECTIONS = 10
Cells = dict[str, Any]
"""The values of a row, by column."""


def records_to_csv(records: Sequence[Record]) -> str:
    """Return a header and one row per record; a cell is empty if the record has no value for it.

    A nested field has one column per key. For measures, it is called by the measure, after "seen "
    or "unseen " for these parts of the queries; otherwise by the field, a dot and the key. Lists
    are JSON, and so are the settings, which come last. The provenance is left out.
    """
    rows = [_sections(record) for record in records]
    columns = [*IDENTITY, *OUTCOME, *COST]
    for section in range(max(map(len, rows), default=0)):
        columns += [name for row in rows for name in row[section]]
    columns = list(dict.fromkeys(columns))
    text = io.StringIO()
    writer = csv.DictWriter(text, [*columns, "settings"], lineterminator="\n")
    writer.writeheader()
    for record, row in zip(records, rows, strict=True):
        cells = {name: value for section in row for name, value in section.items()}
        writer.writerow({**cells, "settings": json.dumps(record.settings)})
    return text.getvalue()


def _sections(record: Record) -> list[Cells]:
    """Return a record's cells in sections, which have the same order for all records."""
    failure, result = record.failure, record.result
    identity = {
        **{name: getattr(record, name) for name in ("cell", "dataset", "method", "seed")},
        "budget": record.budget.limit,
        "budget_by": record.budget.kind,
        "depth": record.depth,
        "status": record.status,
        "reason": failure.reason if failure else "",
        "error": failure.error if failure else "",
    }
    # A record without a result gets empty sections, so that the ones after it keep their columns.
    measured = _measured(result) if result else []
    empty: list[Cells] = [{}] * (MEASURED_SECTIONS - len(measured))
    return [identity, *measured, *empty, *_selection(record.selection)]


def _measured(result: Result) -> list[Cells]:
    quality, cost = result.quality, result.cost
    return [
        {
            "effort": result.effort,
            "spent": result.spent,
            "next_spent": result.next_spent,
            "visited": cost.visited,
            "macs": cost.macs,
            "scan_macs": cost.scan_macs,
            "route_macs": cost.route_macs,
            "cost_exact": cost.exact,
        },
        dict(quality.metrics),
        *(_flat(quality.part(part), f"{part} ") for part in PARTS),
        {
            "overlap_exact_10": quality.overlap_exact_10,
            "queries": quality.queries,
            **{f"queries_{part}": quality.count(part) for part in PARTS},
        },
        _latency(result.latency),
        _flat(asdict(result.durations), "seconds.") | _flat(asdict(result.memory), "bytes."),
        _flat(asdict(result.postings) if result.postings else {}, "postings."),
        _flat(result.artifacts, "artifacts."),
        _flat(asdict(result.training) if result.training else {}, "training."),
    ]


def _latency(latency: Latency) -> Cells:
    cells: Cells = {}
    for name in ("search_ms", "encode_ms", "end_to_end_ms"):
        column = "latency_ms" if name == "search_ms" else name
        cells |= _flat(asdict(getattr(latency, name)), f"{column}.")
    return {
        **cells,
        **_flat(asdict(latency.throughput), "throughput."),
        **_flat(latency.reference_ms or {}, "reference_ms."),
        **_flat(latency.rounds_ms, "rounds_ms."),
        **_flat(latency.threads, "timing.threads."),
        "timing.batch_threads": latency.batch_threads,
        "timing.methods": json.dumps(latency.methods),
    }


def _selection(selection: Selection | None) -> list[Cells]:
    if selection is None:
        return [{}, {}]
    choice = {
        **_flat(selection.values, "values."),
        "measure": selection.choice.measure,
        "seeds": selection.choice.seeds,
        "tried": [asdict(trial) for trial in selection.choice.trials],
    }
    return [_flat(selection.menu, "menu."), _flat(choice, "chosen.")]


def _flat(values: Mapping[str, Any], prefix: str) -> Cells:
    cells: Cells = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            cells |= _flat(value, f"{prefix}{key}.")
        else:
            listed = isinstance(value, list | tuple)
            cells[f"{prefix}{key}"] = json.dumps(value) if listed else value
    return cells
