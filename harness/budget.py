"""From a budget to an effort: found by bisection on tuning queries, never on test queries."""

from dataclasses import dataclass
from typing import Literal

from methods.base import Array, Cost, Index
from methods.errors import InputError

BudgetBy = Literal["visited", "macs"]


@dataclass(frozen=True)
class Spend:
    """What a query spends in the mean.

    `visited` is a fraction of the documents; `scan_macs` and `route_macs` are fractions
    of the multiply-adds of a full scan.
    """

    visited: float
    scan_macs: float
    route_macs: float

    @property
    def macs(self) -> float:
        """Scan and routing together, as a fraction of a full scan."""
        return self.scan_macs + self.route_macs

    def by(self, budget_by: BudgetBy) -> float:
        """Return what a budget of this kind limits."""
        return self.visited if budget_by == "visited" else self.macs


@dataclass(frozen=True)
class Effort:
    """The effort a budget allows, and what it and the next one spend on the tuning queries."""

    value: int
    spent: float
    next_spent: float | None


def mean_spend(cost: Cost, documents: int, dimensions: int) -> Spend:
    """Return the mean of a cost over its queries, as fractions of exact search."""
    full_scan = documents * dimensions
    return Spend(
        float(cost.visited.mean() / documents),
        float(cost.scan_macs.mean() / full_scan),
        float(cost.route_macs.mean() / full_scan),
    )


def find_effort(
    index: Index, tuning: Array, documents: int, budget: float, budget_by: BudgetBy
) -> Effort:
    """Return the largest effort whose mean spend on the `tuning` vectors is within the budget.

    Raise InputError when the smallest effort spends more.
    """
    efforts = index.efforts()

    def spent(place: int) -> float:
        cost = index.cost(tuning, efforts[place])
        return mean_spend(cost, documents, tuning.shape[1]).by(budget_by)

    smallest = spent(0)
    if smallest > budget:
        cheaper = (
            "set more leaves or lists" if budget_by == "visited" else "set fewer leaves or lists"
        )
        raise InputError(
            f"budget {budget:g} is smaller than the {smallest:.4g} of {budget_by} that effort "
            f"{efforts[0]} spends; raise --budget, or {cheaper}"
        )
    low, high = 0, len(efforts)  # spent(low) is within the budget, spent(high) is not
    low_spent, high_spent = smallest, None
    while high - low > 1:
        middle = (low + high) // 2
        middle_spent = spent(middle)
        if middle_spent <= budget:
            low, low_spent = middle, middle_spent
        else:
            high, high_spent = middle, middle_spent
    return Effort(efforts[low], low_spent, high_spent)
