"""Summarise the arms of a drift over their seeds, and test what adding documents loses."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.measure.budget import Budget
from harness.measure.mean_difference import estimate
from harness.measure.quality import MEASURE
from harness.plan.drift import DriftArm
from harness.report.numbers import Spread, spread
from harness.report.rows.difference import Difference, differences_of_family
from harness.store.drifts import DriftRecord, DriftResult
from harness.store.quality import PARTS, Part

RECALL = "R@10"
QueryValues = Sequence[float]
"""The values of a measure, one for each test query."""


@dataclass(frozen=True)
class DriftRow:
    """An arm of a method at a budget, over its seeds."""

    method: str
    budget: Budget
    arm: DriftArm
    per_seed: Mapping[int, QueryValues]  # of `MEASURE`
    quality: Mapping[str, Spread]  # of `MEASURE`, by part of the queries
    queries: Mapping[str, int]  # by part
    recall: float  # of all queries
    visited: float  # fraction of the documents
    macs: float | None  # fraction of a full scan, routing included
    effort: float
    largest_over_mean: float | None  # of the lists
    seconds: float  # to add; to build; to train and build

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds, in the order of `per_seed`."""
        return tuple(self.per_seed)


@dataclass(frozen=True)
class DriftDifference:
    """How far adding is above another arm of the same method and budget."""

    row: DriftRow  # of adding
    other: DriftRow
    difference: Difference

    def of_part(self, part: Part) -> float | None:
        """The difference of a part of the queries, which is not tested; None if it is empty."""
        own, other = self.row.quality.get(part), self.other.quality.get(part)
        return None if own is None or other is None else own.mean - other.mean


def drift_rows(records: Sequence[DriftRecord], values: Mapping[str, QueryValues]) -> list[DriftRow]:
    """Return one row per method, budget and arm; `values` of `MEASURE` are by the records' cells.

    Records without a result are left out.
    """
    groups: dict[tuple[str, Budget, DriftArm], list[tuple[DriftRecord, DriftResult]]] = {}
    order = {record.method: None for record in records}
    for record in sorted(records, key=lambda r: (list(order).index(r.method), r.budget.sort_key)):
        if record.result is not None:
            key = record.method, record.budget, record.arm
            groups.setdefault(key, []).append((record, record.result))
    return [_row(*key, group, values) for key, group in groups.items()]


def shown_drift_parts(rows: Iterable[DriftRow]) -> list[Part]:
    """Return which of seen and unseen are some but not all of the queries, in at least one row."""
    counted = [row.queries for row in rows]
    return [
        part
        for part in PARTS
        if any(0 < queries.get(part, 0) < queries["all"] for queries in counted)
    ]


def drift_differences(rows: Sequence[DriftRow]) -> list[DriftDifference]:
    """Test adding against the other arms that were measured with the same seeds, as one family."""
    arms = {(row.method, row.budget, row.arm): row for row in rows}
    others: tuple[DriftArm, ...] = ("rebuilt", "retrained")
    pairs = [
        (row, other)
        for row in rows
        for arm in others
        if row.arm == "added"
        and (other := arms.get((row.method, row.budget, arm))) is not None
        and other.seeds == row.seeds
    ]
    estimates = [estimate(_matrix(row) - _matrix(other)) for row, other in pairs]
    if not estimates:
        return []
    tested = zip(pairs, differences_of_family(estimates), strict=True)
    return [DriftDifference(row, other, difference) for (row, other), difference in tested]


def _row(
    method: str,
    budget: Budget,
    arm: DriftArm,
    group: Sequence[tuple[DriftRecord, DriftResult]],
    values: Mapping[str, QueryValues],
) -> DriftRow:
    results = [result for _, result in group]
    parts = results[0].quality
    macs = [result.cost.macs for result in results]
    balance = [result.largest_over_mean for result in results]
    return DriftRow(
        method=method,
        budget=budget,
        arm=arm,
        per_seed={record.seed: values[record.cell] for record, _ in group},
        quality={
            part: spread([result.quality[part].metrics[MEASURE] for result in results])
            for part in parts
        },
        queries={part: quality.queries for part, quality in parts.items()},
        recall=_mean([result.quality["all"].metrics[RECALL] for result in results]) or 0.0,
        visited=_mean([result.cost.visited for result in results]) or 0.0,
        macs=_mean(macs),
        effort=_mean([result.effort for result in results]) or 0.0,
        largest_over_mean=_mean(balance),
        seconds=_mean([result.seconds.total for result in results]) or 0.0,
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if len(known) == len(values) else None


def _matrix(row: DriftRow) -> np.ndarray:
    return np.array(list(row.per_seed.values()), dtype=np.float64)
