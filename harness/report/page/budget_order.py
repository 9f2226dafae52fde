"""The order of budgets on the page: by kind, and small limits before large ones."""

from typing import get_args

from harness.measure.budget import BudgetKind, CostKind, QualityKind
from harness.report.rows.summary import Row

KINDS: tuple[BudgetKind, ...] = (*get_args(CostKind), *get_args(QualityKind))


def budget_order(row: Row) -> tuple[int, float]:
    """Return a key that sorts rows by the kind of their budget, then by its limit."""
    return KINDS.index(row.budget.kind), row.budget.limit or 0.0
