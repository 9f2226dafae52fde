"""How the cost of matching most of exact search's results grows with the corpus."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import linear_regression

from harness.report.findings.baselines import exact_row, is_baseline
from harness.report.findings.reached_costs import reached_costs
from harness.report.labels import CEILING
from harness.report.rows.frontier import Axis, Reach
from harness.report.rows.growth import Growth
from harness.report.rows.overlap import OVERLAP, overlap_rows

FOUND_SHARES = (0.9, 0.95)
"""The shares of exact search's first ten documents whose costs are shown."""


@dataclass(frozen=True)
class GrowingCost:
    """A method's cost of finding a given share of exact search's results, by corpus size.

    `exponent` is x in cost ~ documents^x, and None if it is not known at two sizes.
    """

    label: str
    method: str
    reached: Mapping[int, Reach]  # only sizes at which the method was measured
    exponent: float | None
    is_baseline: bool

    def cost(self, documents: int) -> float | None:
        """Return the cost at a size, or None if the share was not found or not measured there."""
        return self.reached[documents].cost if documents in self.reached else None


def growing_costs(growth: Growth, axis: Axis, share: float) -> list[GrowingCost]:
    """Return one entry per method and exact search, the cheapest at the largest size first.

    Methods without a cost there come last. Costs are in the units of `per_query`, and interpolated
    as in `reached_costs`. Without exact search at any size, the list is empty.

    Args:
        growth: The sizes.
        axis: One of AXES.
        share: The share of exact search's first ten documents to find.
    """
    reached: dict[str, dict[int, Reach]] = {}
    methods: dict[str, str] = {}
    for documents, measured in growth.sizes.items():
        rows = overlap_rows(measured.rows(measured.measures[0]))
        own_axis = per_query(axis, documents)
        for entry in reached_costs(rows, OVERLAP, own_axis, share):
            reached.setdefault(entry.label, {})[documents] = entry.reach
            methods[entry.label] = entry.method
        exact = exact_row(rows)
        if exact is not None:
            reached.setdefault(exact.label, {})[documents] = Reach(own_axis.cost(exact))
            methods[exact.label] = CEILING
    costs = [
        GrowingCost(label, methods[label], own, _exponent(own), is_baseline(methods[label]))
        for label, own in reached.items()
    ]
    return sorted(costs, key=lambda each: each.cost(growth.largest) or math.inf)


def per_query(axis: Axis, documents: int) -> Axis:
    """Return one of AXES in units that can be compared between sizes.

    These are documents; for multiply-adds, the number of documents whose vectors could be scored
    with them; and microseconds.
    """
    units = {"visited": "per query", "macs": "as documents scored", "latency": "µs, one thread"}
    scale = 1000.0 if axis.name == "latency" else documents
    return replace(axis, scale=scale, unit=units[axis.name])


def growth_exponent(costs: Mapping[int, float]) -> float | None:
    """Return x in cost ~ documents^x, or None if fewer than two costs are known.

    It is the slope of the straight line nearest to the logarithms, by least squares.

    Args:
        costs: Costs by the number of documents. A cost of 0 was too small to be measured, so it
            counts as unknown.
    """
    known = [(documents, cost) for documents, cost in costs.items() if cost > 0]
    if len(known) < 2:
        return None
    logarithms = [(math.log(documents), math.log(cost)) for documents, cost in known]
    return linear_regression(*zip(*logarithms, strict=True)).slope


def _exponent(reached: Mapping[int, Reach]) -> float | None:
    """Return the exponent of the costs that are known, and not only bounded."""
    return growth_exponent(
        {
            documents: reach.cost
            for documents, reach in reached.items()
            if reach.cost is not None and not reach.at_most
        }
    )
