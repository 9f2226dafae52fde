"""Compare published numbers with ours: OK, close, FAIL, or why the two are not comparable."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.measure.budget import Budget
from harness.measure.quality import CUTOFFS
from harness.report.labels import CEILING
from harness.report.numbers import short
from harness.report.paper.typeset import Column, Entry, Table
from harness.report.rows.dataset_records import DatasetRecords
from harness.report.rows.frontier import AXES, curves, reach
from harness.report.rows.published import PublishedNumber
from harness.report.rows.summary import Row
from harness.store.record import Record

CLOSE = 2
"""A number is close if it is off by at most this many tolerances."""
ROUNDING = 1e-9
"""In tolerances, so that a number at the limit itself passes."""
UNKNOWN = {
    "value": "it was not measured",
    "gain": "no other method was measured at the budget",
    "saving": "exact search's value is not reached at the budgets measured",
}
"""Why we have no number, by the kind of the published one."""
COLUMNS = (
    *(Column(head, numeric=False) for head in ("system", "dataset", "measure")),
    *(Column(head) for head in ("published", "tolerance", "ours", "difference")),
    Column("verdict", numeric=False),
    *(Column(head, numeric=False, aside=True) for head in ("read in", "command")),
)


@dataclass(frozen=True)
class Reproduction:
    """The verdict on a published number, and our number, if there is one."""

    verdict: str
    """OK, close, FAIL, or why the two are not comparable."""
    ours: float | None = None


def reproduction_table(
    numbers: Sequence[PublishedNumber], measured: Sequence[DatasetRecords], name: str
) -> Table:
    """Return a table named `name` with one row for every published number."""
    rows = []
    for number in numbers:
        reproduced = judge(number, measured)
        ours = reproduced.ours
        difference = None if ours is None else ours - number.value
        measure = number.measure if number.kind == "value" else f"{number.measure}, {number.kind}"
        rows.append(
            [
                Entry(number.system),
                Entry(number.dataset),
                Entry(measure),
                _amount(number, number.value),
                _amount(number, number.tolerance),
                _amount(number, ours),
                _amount(number, difference, sign="+"),
                Entry(reproduced.verdict),
                Entry(f"{number.read}: {number.source}"),
                Entry(number.command, code=True),
            ]
        )
    return Table(
        name,
        "Published against reproduced",
        "OK: within the tolerance; close: within twice the tolerance; FAIL: beyond. A gain is "
        "relative to the best other method at the same budget; a saving is the share of the "
        "documents that need not be visited to reach exact search's value. Numbers were read in "
        "the paper, in its abstract or in the system's documentation, or are quoted elsewhere.",
        COLUMNS,
        [rows] if rows else [],
    )


def judge(number: PublishedNumber, measured: Sequence[DatasetRecords]) -> Reproduction:
    """Return our number for a published one, with the verdict on it."""
    if not number.method:
        return Reproduction(f"not comparable: ehibench has no {number.system}")
    candidates = [each for each in measured if each.dataset == number.dataset]
    if not candidates:
        datasets = ", ".join(dict.fromkeys(each.dataset for each in measured))
        return Reproduction(f"not run: measured on {datasets} only")
    own = next((each for each in candidates if number.measure in each.measures), None)
    if own is None:
        depth = CUTOFFS.get(number.measure)
        remedy = f"; it needs --depth {depth}" if depth else ""
        return Reproduction(f"not comparable: {number.measure} is not measured{remedy}")
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
    """Return a value in the unit of the published number: as a measure, or in per cent."""
    if value is None:
        return Entry("-")
    if number.kind == "value":
        return Entry(short(value, sign), value)
    return Entry(f"{100 * value:{sign}.4g} %", value)


def _row(number: PublishedNumber, rows: Sequence[Row]) -> Row | None:
    """Return the method's row at the published budget, or at its largest if none was published."""
    own = [
        row
        for row in rows
        if row.method == number.method
        and (row.budget.unlimited or row.budget.kind == "visited")
        and (number.budget is None or row.budget.limit in (None, number.budget))
    ]
    return max(own, key=lambda row: row.budget.sort_key, default=None)


def _obstacle(number: PublishedNumber, row: Row, record: Record) -> str:
    """Say why the numbers are not comparable; empty if they are."""
    encoder = record.settings.get("encoder", {})
    queries = record.measured.quality.queries
    if number.queries is not None and number.queries != queries:
        return f"{number.queries:,} queries there, {queries:,} here"
    if number.encoder and encoder.get("name") != number.encoder:
        return f"a different encoder, {encoder.get('name', 'none')}"
    if number.trained and encoder.get("train") != number.trained:
        return f"the encoder is {number.trained} there, trained here"
    if not row.budget.unlimited and number.budget is None:
        return f"the source names no budget (ours: {row.budget.label})"
    return ""


def _ours(number: PublishedNumber, row: Row, rows: Sequence[Row]) -> float | None:
    """Return our number of the published one's kind, or None if it cannot be computed."""
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
    budgeted = [other for other in rows if not other.budget.unlimited]
    curve = next(curve for curve in curves(budgeted, visited) if curve.label == row.label)
    points = [(visited.cost(each) or 0.0, each.metrics[number.measure].mean) for each in curve.rows]
    needed = reach(points, exact[0]).cost if exact else None
    return None if needed is None else 1 - needed / visited.scale


def _grade(number: PublishedNumber, ours: float) -> str:
    off = ours - number.value
    off = min(off, 0.0) if number.at_least else off
    tolerances = abs(off) / number.tolerance - ROUNDING
    return "OK" if tolerances <= 1 else "close" if tolerances <= CLOSE else "FAIL"
