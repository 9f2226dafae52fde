"""Published numbers beside ours: OK, close, FAIL, or why the two are not comparable."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.measure.budget import Budget
from harness.report.labels import CEILING
from harness.report.numbers import short
from harness.report.paper.typeset import Column, Entry, Table
from harness.report.rows.dataset_records import DatasetRecords
from harness.report.rows.frontier import AXES, curves, reach
from harness.report.rows.published import PublishedNumber
from harness.report.rows.summary import Row
from harness.store.record import Record

CLOSE = 2
"""Tolerances within which a number is close."""
ROUNDING = 1e-9
UNKNOWN = {
    "value": "it was not measured",
    "gain": "no other method was measured at the budget",
    "saving": "exact search's value is not reached at the budgets measured",
}
"""Why we have no number of a kind."""
COLUMNS = (
    *(Column(head, numeric=False) for head in ("system", "dataset", "measure")),
    *(Column(head) for head in ("published", "tolerance", "ours", "difference")),
    Column("verdict", numeric=False),
    *(Column(head, numeric=False, aside=True) for head in ("read in", "command")),
)


@dataclass(frozen=True)
class Reproduction:
    """OK, close, FAIL, or why the numbers are not comparable; and our number, if there is one."""

    words: str
    ours: float | None = None


def reproduction_table(
    numbers: Sequence[PublishedNumber], measured: Sequence[DatasetRecords], name: str
) -> Table:
    """Return a row for every published number."""
    rows = []
    for number in numbers:
        verdict = judge(number, measured)
        difference = None if verdict.ours is None else verdict.ours - number.value
        measure = number.measure if number.kind == "value" else f"{number.measure}, {number.kind}"
        rows.append(
            [
                Entry(number.system),
                Entry(number.dataset),
                Entry(measure),
                _amount(number, number.value),
                _amount(number, number.tolerance),
                _amount(number, verdict.ours),
                _amount(number, difference, sign="+"),
                Entry(verdict.words),
                Entry(f"{number.read}: {number.source}"),
                Entry(number.command, code=True),
            ]
        )
    return Table(
        name,
        "Published against reproduced",
        "OK within the tolerance, close within twice of it, FAIL beyond. A gain is relative, over "
        "the best other method at the same budget; a saving is the share of the documents not "
        "visited where exact search's value is reached. Numbers were read in the paper, in its "
        "abstract, in the system's documentation, or as others quote them.",
        COLUMNS,
        [rows] if rows else [],
    )


def judge(number: PublishedNumber, measured: Sequence[DatasetRecords]) -> Reproduction:
    """Return the verdict on a published number."""
    if not number.method:
        return Reproduction(f"not comparable: ehibench has no {number.system}")
    own = next((each for each in measured if each.dataset == number.dataset), None)
    if own is None:
        there = ", ".join(each.dataset for each in measured)
        return Reproduction(f"not run: another corpus than {there}")
    if number.measure not in own.measures:
        return Reproduction(f"not comparable: {number.measure} is not measured")
    rows = own.rows(number.measure)
    row = _row(number, rows)
    if row is None:
        at = "" if number.budget is None else f" at {Budget('visited', number.budget).label}"
        return Reproduction(f"not run: {number.method}{at}")
    ours = _ours(number, row, rows)
    obstacle = _obstacle(number, row, own.record(row.cells[0]))
    if obstacle:
        return Reproduction(f"not comparable: {obstacle}", ours)
    if ours is None:
        return Reproduction(f"not comparable: {UNKNOWN[number.kind]}")
    return Reproduction(_grade(number, ours), ours)


def _amount(number: PublishedNumber, value: float | None, sign: str = "") -> Entry:
    """Return a cell of a value as the published number is: of a measure, or in per cent."""
    if value is None:
        return Entry("-")
    if number.kind == "value":
        return Entry(short(value, sign), value)
    return Entry(f"{100 * value:{sign}.4g} %", value)


def _row(number: PublishedNumber, rows: Sequence[Row]) -> Row | None:
    """Return the method's row at the published budget, else at its largest one."""
    own = [
        row
        for row in rows
        if row.method == number.method
        and (row.budget.unlimited or row.budget.kind == "visited")
        and (number.budget is None or row.budget.limit in (None, number.budget))
    ]
    return max(own, key=lambda row: row.budget.sort_key, default=None)


def _obstacle(number: PublishedNumber, row: Row, record: Record) -> str:
    encoder = record.settings.get("encoder", {})
    queries = record.measured.quality.queries
    if number.queries is not None and number.queries != queries:
        return f"{number.queries:,} queries there, {queries:,} here"
    if number.encoder and encoder.get("name") != number.encoder:
        return f"another encoder, {encoder.get('name', 'none')}"
    if number.trained and encoder.get("train") != number.trained:
        return f"the encoder is {number.trained} there, trained here"
    if not row.budget.unlimited and number.budget is None:
        return f"the source names no budget (ours: {row.budget.label})"
    return ""


def _ours(number: PublishedNumber, row: Row, rows: Sequence[Row]) -> float | None:
    value = row.metrics[number.measure].mean
    if number.kind == "value":
        return value
    if number.kind == "gain":
        rivals = [
            other.metrics[number.measure].mean
            for other in rows
            if other.method != row.method and other.budget == row.budget
        ]
        return value / max(rivals) - 1 if rivals and max(rivals) > 0 else None
    exact = [other.metrics[number.measure].mean for other in rows if other.method == CEILING]
    visited = AXES[0]
    own = next(
        c
        for c in curves([r for r in rows if not r.budget.unlimited], visited)
        if c.label == row.label
    )
    points = [(visited.cost(r) or 0.0, r.metrics[number.measure].mean) for r in own.rows]
    needed = reach(points, exact[0]).cost if exact else None
    return None if needed is None else 1 - needed / visited.scale


def _grade(number: PublishedNumber, ours: float) -> str:
    off = ours - number.value
    off = min(off, 0.0) if number.at_least else off
    tolerances = abs(off) / number.tolerance - ROUNDING
    return "OK" if tolerances <= 1 else "close" if tolerances <= CLOSE else "FAIL"
