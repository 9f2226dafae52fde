"""From a budget to an effort: found on tuning queries, never on test queries."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from methods.base import Cost
from methods.errors import InputError

BudgetBy = Literal["visited", "macs", "latency"]


@dataclass(frozen=True)
class Spend:
    """What a query spends in the mean.

    `visited` is a fraction of the documents; `scan_macs` and `route_macs` are fractions
    of the multiply-adds of a full scan, None for an index of texts, which has no such scan.
    """

    visited: float
    scan_macs: float | None
    route_macs: float | None

    @property
    def macs(self) -> float | None:
        """Scan and routing together, as a fraction of a full scan."""
        if self.scan_macs is None or self.route_macs is None:
            return None
        return self.scan_macs + self.route_macs

    def by(self, budget_by: Literal["visited", "macs"]) -> float:
        """Return what a budget of this kind limits."""
        spent = self.visited if budget_by == "visited" else self.macs
        assert spent is not None, "an index of texts has no budget"
        return spent


@dataclass(frozen=True)
class Effort:
    """The effort a budget allows, and what the next one spends on the tuning queries."""

    value: int
    next_spent: float | None


def mean_spend(cost: Cost, documents: int, dimensions: int | None) -> Spend:
    """Return the mean of a cost over its queries, as fractions of exact search."""
    visited = float(cost.visited.mean() / documents)
    if dimensions is None:
        return Spend(visited, None, None)
    full_scan = documents * dimensions
    return Spend(
        visited,
        float(cost.scan_macs.mean() / full_scan),
        float(cost.route_macs.mean() / full_scan),
    )


def find_effort(
    efforts: range, spent: Callable[[int], float], budget: float, budget_by: BudgetBy
) -> Effort:
    """Return the largest effort that spends no more than the budget.

    Efforts are doubled from the smallest on and then bisected, because counting may take
    as long as searching, and a large effort longer than a small one. Raise InputError when the
    smallest effort spends more.
    """
    smallest = spent(efforts[0])
    if smallest > budget:
        unit, cheaper = {
            "visited": ("of visited", "set more leaves or lists"),
            "macs": ("of macs", "set fewer leaves or lists"),
            "latency": ("ms of latency", "set fewer leaves or lists"),
        }[budget_by]
        raise InputError(
            f"budget {budget:g} is smaller than the {smallest:.4g} {unit} that effort "
            f"{efforts[0]} spends; raise --budget, or {cheaper}"
        )
    low, high = 0, len(efforts)  # spent(low) is within the budget, spent(high) is not
    high_spent = None
    doubling = True
    while high - low > 1:
        middle = min(2 * low + 1, high - 1) if doubling else (low + high) // 2
        middle_spent = spent(efforts[middle])
        if middle_spent <= budget:
            low = middle
        else:
            high, high_spent, doubling = middle, middle_spent, False
    return Effort(efforts[low], high_spent)
