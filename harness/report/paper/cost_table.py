"""Make the table of the costs at which methods reach the same quality."""

from collections.abc import Sequence

from harness.measure.budget import Budget, BudgetKind
from harness.report.labels import CEILING
from harness.report.paper.typeset import Column, Entry, Table
from harness.report.rows.frontier import AXES, Axis
from harness.report.rows.summary import Row

HEADS = {"visited": "% visited", "macs": "% MACs", "latency": "ms"}


def cost_table(rows: Sequence[Row], kind: BudgetKind, name: str) -> Table:
    """Return the table of all costs by method and quality; methods without a budget come last.

    Args:
        rows: The rows of one dataset.
        kind: What the quality is a share of: "overlap" or "ndcg".
        name: The name of the table's file.
    """
    competing = [row for row in rows if row.budget.kind == kind and not row.budget.unlimited]
    references = [row for row in rows if row.budget.unlimited]
    references.sort(key=lambda row: row.method == CEILING)
    budgets = sorted({row.budget for row in competing}, key=lambda budget: budget.sort_key)
    columns = [(axis, budget) for axis in AXES for budget in budgets]
    by_key = {(row.label, row.budget): row for row in competing}
    labels = dict.fromkeys(row.label for row in competing)
    least = {
        (axis.name, budget): min(
            (_rounded(axis, row) for row in competing if row.budget == budget), default=None
        )
        for axis, budget in columns
    }
    sections = [
        [
            [
                Entry(label),
                *(
                    _entry(axis, by_key.get((label, budget)), least[axis.name, budget])
                    for axis, budget in columns
                ),
            ]
            for label in labels
        ],
        [
            [Entry(row.label), *(_entry(axis, row, None) for axis, _ in columns)]
            for row in references
        ],
    ]
    heads = [Column(budget.label, HEADS[axis.name]) for axis, budget in columns]
    return Table(
        name,
        f"{rows[0].dataset}: cost at equal quality",
        _caption(kind, rows),
        [Column("method", numeric=False), *heads],
        [section for section in sections if section],
        kind=kind,
    )


def _entry(axis: Axis, row: Row | None, least: float | None) -> Entry:
    spread = None if row is None else axis.spread(row)
    if row is None or spread is None:
        return Entry("-")
    cost = axis.scale * spread.mean
    return Entry(
        f"{cost:.{_digits(axis)}f}",
        number=cost,
        deviation=None if spread.deviation is None else axis.scale * spread.deviation,
        bold=_rounded(axis, row) == least,
    )


def _rounded(axis: Axis, row: Row) -> float:
    cost = axis.cost(row)
    return float("inf") if cost is None else round(cost, _digits(axis))


def _digits(axis: Axis) -> int:
    return 3 if axis.name == "latency" else 2


def _caption(kind: BudgetKind, rows: Sequence[Row]) -> str:
    several = any(len(row.seeds) > 1 for row in rows)
    sentences = [
        "Every method searches with the least effort that reaches the quality on the tuning "
        f"queries: {Budget(kind, None).definition}.",
        "Multiply-adds include routing; ms is the median query on one thread.",
        "Means over seeds, ± their standard deviation." if several else "One seed.",
        "Bold: the lowest of each column among methods with a quality.",
    ]
    return " ".join(sentences)
