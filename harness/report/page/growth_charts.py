"""The charts of one kind of data at several sizes, as data for the page."""

from typing import Any

from harness.report.figures.palette import look
from harness.report.findings.growing_costs import (
    FOUND_SHARES,
    GrowingCost,
    growing_costs,
    per_query,
)
from harness.report.labels import CEILING
from harness.report.numbers import exponent
from harness.report.rows.frontier import AXES
from harness.report.rows.growth import Growth


def growth_charts(growth: Growth) -> list[dict[str, Any]]:
    """Return a chart for each cost and each share of exact search's documents that is found.

    A chart has one line per method with its points: documents, cost, and whether that is a bound.
    """
    return [
        {
            "title": f"{100 * share:g} % of exact search's first ten found",
            "cost": f"{axis.title} ({per_query(axis, growth.largest).unit})",
            "lines": [
                _line(cost, points)
                for cost in growing_costs(growth, axis, share)
                if (points := _points(cost))
            ],
        }
        for axis in AXES
        for share in FOUND_SHARES
    ]


def _line(cost: GrowingCost, points: list[list[float]]) -> dict[str, Any]:
    style = look(cost.method)
    return {
        "label": cost.label,
        "exponent": exponent(cost.exponent),
        "colour": style.colour,
        "marker": style.marker,
        "reference": cost.method == CEILING,
        "points": points,
    }


def _points(cost: GrowingCost) -> list[list[float]]:
    return [
        [documents, float(f"{reach.cost:.6g}"), reach.at_most]
        for documents, reach in cost.reached.items()
        if reach.cost is not None
    ]
