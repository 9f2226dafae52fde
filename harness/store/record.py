"""The record of a cell: what was measured, or why it was not."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from harness.measure.budget import BudgetBy
from harness.measure.quality import PerQuery
from harness.retired_settings import without_retired_defaults
from methods.atomic_files import first_damaged
from methods.errors import InputError


@dataclass(frozen=True)
class Failure:
    """Why a worker could not do what it was asked: the exception's name, and a line."""

    error: str
    reason: str


Status = Literal["ok", "failed", "unavailable"]


@dataclass(frozen=True)
class Record:
    """The measured outcome of a cell. Its fields are what `ehibench show --json` prints.

    `visited` is a fraction of the documents; `macs`, `scan_macs` and `route_macs` are
    fractions of the multiply-adds of a full scan. `spent` is what the budget limits, on the
    test queries; `next_spent` is what the next effort spends on the
    tuning queries. `metrics` have the names of ir-measures, `metrics_unseen` is over the
    test queries without a document seen in training. `latency_ms` is of single searches,
    `encode_ms` and `end_to_end_ms` of single queries from their text on, all on one thread;
    `reference_ms` is the reference workload in the same rounds, and `rounds_ms` has both round
    by round: `search`, the cell's median, and `product` and `scan`. `seconds` are those of
    training, building and measuring. `bytes` are those of the index on disk, those by which the
    process that built it and one that loaded it grew, and the peaks of both. `postings` tell how
    evenly the documents are spread over leaves or lists (measure/balance.py), None where there
    are none. `artifacts` are the folders, below the run folder, of what was measured. `reason`
    says why a cell is not ok and `error` is the exception's name. `menu` holds the values that
    settings were chosen from, and `chosen` those that were, with every combination's quality and
    efforts on the tuning queries. Fields that such a cell has no value for are None.
    """

    cell: str
    dataset: str
    method: str
    seed: int
    budget: float | None
    budget_by: BudgetBy
    status: Status
    reason: str = ""
    error: str = ""
    effort: int | None = None
    spent: float | None = None
    next_spent: float | None = None
    visited: float | None = None
    macs: float | None = None
    scan_macs: float | None = None
    route_macs: float | None = None
    cost_exact: bool | None = None
    metrics: Mapping[str, float] | None = None
    metrics_unseen: Mapping[str, float] | None = None
    overlap_exact_10: float | None = None
    queries: int | None = None
    queries_unseen: int | None = None
    latency_ms: Mapping[str, float] | None = None
    encode_ms: Mapping[str, float] | None = None
    end_to_end_ms: Mapping[str, float] | None = None
    throughput: Mapping[str, float] | None = None
    reference_ms: Mapping[str, float] | None = None
    rounds_ms: Mapping[str, Sequence[float]] = field(default_factory=dict)
    timing: Mapping[str, Any] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    bytes: Mapping[str, int] = field(default_factory=dict)
    postings: Mapping[str, float] | None = None
    artifacts: Mapping[str, str] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    menu: Mapping[str, Any] = field(default_factory=dict)
    chosen: Mapping[str, Any] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Details:
    """What stands beside a record: the values of every query, and the run in TREC form."""

    per_query: PerQuery
    query_ids: list[str]
    unseen: list[bool]
    run: Mapping[str, Mapping[str, float]]


def read_record(attempt: Path) -> Record:
    """Read the record of an attempt. Raise InputError where a file of the attempt is damaged."""
    if (damaged := first_damaged(attempt)) is not None:
        raise InputError(f"{damaged} is damaged or missing; move {attempt} away")
    path = attempt / "record.json"
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        fields["settings"] = without_retired_defaults(fields["settings"])
        return Record(**fields)
    except (ValueError, TypeError) as error:
        raise InputError(
            f"{path} is no record of this version ({error}); move {attempt} away"
        ) from None
