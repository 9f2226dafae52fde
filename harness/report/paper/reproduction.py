"""Compare published numbers with ours: reproduced, close, not reproduced, or not comparable."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.measure.budget import Budget
from harness.measure.quality import CUTOFFS
from harness.report.numbers import short
from harness.report.paper.claims import verdict
from harness.report.paper.typeset import Column, Entry, Table
from harness.report.rows.dataset_records import DatasetRecords
from harness.report.rows.published import Claim, PublishedFile, PublishedNumber
from harness.report.rows.summary import Row
from harness.store.record import Record

CLOSE = 2
"""A number is close if it is off by at most this many tolerances."""
ROUNDING = 1e-9
"""Subtracted from a difference in tolerances, so that a number exactly at the limit passes."""
CHECKED = {"nq320k": "beir:nq320k", "msmarco": "irds:msmarco-passage"}
"""How published numbers name the datasets whose counts were checked, wherever they came from."""
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
    """Reproduced, close, not reproduced, or why the two numbers are not comparable."""
    ours: float | None = None


def reproduction_table(
    files: Sequence[PublishedFile], measured: Sequence[DatasetRecords], name: str
) -> Table:
    """Return a table named `name` with a section per file, and one row per claim and number."""
    sections = [
        [
            *(_claim_row(claim, measured) for claim in file.claims.values()),
            *(_number_row(number, measured) for number in file.numbers.values()),
        ]
        for file in files
    ]
    return Table(
        name,
        "Published against reproduced",
        "Reproduced: within the tolerance; close: within twice the tolerance; not reproduced: "
        "beyond. A gain is relative to the best other method at the same budget; the claim that "
        "there is one was asked of the datasets measured, budget by budget. Read in the paper, in "
        "its abstract or in the system's documentation, or quoted elsewhere; weak: mentioned there "
        "without its setting.",
        COLUMNS,
        [section for section in sections if section],
    )


def judge(number: PublishedNumber, measured: Sequence[DatasetRecords]) -> Reproduction:
    """Return our number for a published one, with the verdict on it."""
    if not number.method:
        return Reproduction(f"not comparable: ehibench has no {number.system}")
    candidates = [
        each for each in measured if number.dataset in (each.dataset, CHECKED.get(each.dataset))
    ]
    if not candidates:
        datasets = ", ".join(dict.fromkeys(each.dataset for each in measured))
        return Reproduction(f"not run: measured on {datasets} only")
    found = [each for each in candidates if number.measure in each.measures]
    if not found:
        depth = CUTOFFS.get(number.measure)
        remedy = f"; it needs --depth {depth}" if depth else ""
        return Reproduction(f"not comparable: {number.measure} is not measured{remedy}")
    rows = [(row, own.record(row.cells[0])) for own in found for row in _rows(number, own)]
    if not rows:
        at = "" if number.budget is None else f" at {Budget('visited', number.budget).label}"
        return Reproduction(f"not run: {number.method}{at}")
    rows.sort(key=lambda pair: (len(list(_obstacles(number, *pair))), -_effort(pair[0])))
    row, record = rows[0]
    ours = row.metrics[number.measure].mean
    obstacle = next(_obstacles(number, row, record), "")
    return Reproduction(f"not comparable: {obstacle}" if obstacle else _grade(number, ours), ours)


def _number_row(number: PublishedNumber, measured: Sequence[DatasetRecords]) -> list[Entry]:
    reproduced = judge(number, measured)
    ours = reproduced.ours
    return [
        Entry(number.system),
        Entry(number.dataset),
        Entry(number.measure),
        Entry(number=number.value),
        Entry(number=number.tolerance),
        Entry("-" if ours is None else "", ours),
        _difference(None if ours is None else ours - number.value),
        Entry(reproduced.verdict),
        *_origin(number),
    ]


def _claim_row(claim: Claim, measured: Sequence[DatasetRecords]) -> list[Entry]:
    return [
        Entry(claim.system),
        Entry(claim.dataset),
        Entry(f"{claim.measure}, gain"),
        Entry(f"{100 * claim.gain:+.4g} %", claim.gain),
        *(Entry("-") for _ in ("tolerance", "ours", "difference")),
        Entry(verdict(claim, measured)),
        *_origin(claim),
    ]


def _difference(value: float | None) -> Entry:
    return Entry("-") if value is None else Entry(short(value, "+"), value)


def _origin(row: PublishedNumber | Claim) -> list[Entry]:
    weak = ", weak" if row.confidence == "weak" else ""
    return [Entry(f"{row.read}{weak}: {row.source}"), Entry(row.command, code=True)]


def _rows(number: PublishedNumber, own: DatasetRecords) -> list[Row]:
    """Return the method's rows at the published budget, or at any if none was published."""
    return [
        row
        for row in own.rows(number.measure)
        if row.method == number.method
        and (row.budget.unlimited or row.budget.kind == "visited")
        and (number.budget is None or row.budget.limit in (None, number.budget))
    ]


def _effort(row: Row) -> float:
    return row.budget.limit or 0.0


def _obstacles(number: PublishedNumber, row: Row, record: Record) -> Iterator[str]:
    """Say why the numbers are not comparable; nothing if they are."""
    queries = record.measured.quality.queries
    if number.queries is not None and number.queries != queries:
        yield f"{number.queries:,} queries there, {queries:,} here"
    for name, value in number.settings.items():
        section, _, key = name.partition(".")
        own = record.settings.get(section, {}).get(key)
        if own != value:
            yield f"{name} is {value} there, {own} here"
    if not row.budget.unlimited and number.budget is None:
        yield f"the source names no budget (ours: {row.budget.label})"


def _grade(number: PublishedNumber, ours: float) -> str:
    tolerances = abs(ours - number.value) / number.tolerance - ROUNDING
    if tolerances <= 1:
        return "reproduced"
    return "close" if tolerances <= CLOSE else "not reproduced"
