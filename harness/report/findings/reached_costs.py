"""What each method spends to reach a share of exact search's quality."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.report.findings.baselines import exact_row, is_baseline
from harness.report.rows.frontier import Axis, Reach, curves, pareto, reach
from harness.report.rows.summary import Row

SHARES = (0.95, 0.98, 0.99)
"""The shares of exact search's quality whose costs are shown."""


@dataclass(frozen=True)
class ReachedCost:
    """What a method spends to reach a share of exact search's quality, in the unit of an axis."""

    label: str
    method: str
    reach: Reach
    best_share: float  # the largest share of exact search's quality that it was measured at
    best_cost: float  # what that costs
    is_baseline: bool
    ratio: float | None = None  # to the cost of the cheapest baseline; None if it is unknown
    is_cheapest_baseline: bool = False


def reached_costs(rows: Sequence[Row], measure: str, axis: Axis, share: float) -> list[ReachedCost]:
    """Return one entry per method, the cheapest first, then those that do not reach it, best first.

    A cost is interpolated linearly between two neighbours among the points on the method's own
    Pareto front. The list is empty without exact search.
    """
    exact = exact_row(rows)
    if exact is None:
        return []
    target = exact.metrics[measure].mean
    entries = []
    for curve in curves([row for row in rows if not row.budget.unlimited], axis):
        points = [(axis.cost(row) or 0.0, row.metrics[measure].mean) for row in curve.rows]
        front = [points[i] for i in pareto(points)]
        best_cost, best = front[-1]
        entries.append(
            ReachedCost(
                curve.label,
                curve.method,
                reach(front, share * target),
                best / target,
                best_cost,
                is_baseline(curve.method),
            )
        )
    return _with_ratios(sorted(entries, key=_order))


def _with_ratios(entries: Sequence[ReachedCost]) -> list[ReachedCost]:
    """Add the ratio of each cost to that of the cheapest baseline; entries are in order of cost.

    Two costs that are both upper bounds have no ratio.
    """
    cheapest = next((e for e in entries if e.is_baseline and e.reach.cost is not None), None)
    if cheapest is None:
        return list(entries)
    return [
        replace(
            entry,
            ratio=_ratio(entry.reach, cheapest.reach),
            is_cheapest_baseline=entry is cheapest,
        )
        for entry in entries
    ]


def _ratio(reached: Reach, baseline: Reach) -> float | None:
    if not reached.cost or not baseline.cost or (reached.at_most and baseline.at_most):
        return None
    return reached.cost / baseline.cost


def _order(entry: ReachedCost) -> tuple[bool, float]:
    cost = entry.reach.cost
    return cost is None, -entry.best_share if cost is None else cost
