"""State what the subject and the cheapest baseline spend to reach nearly exact search's quality."""

from collections.abc import Sequence

from harness.report.findings.best_forms import is_about
from harness.report.findings.reached_costs import ReachedCost, reached_costs
from harness.report.findings.stated import Stated
from harness.report.rows.frontier import AXES, Axis
from harness.report.rows.summary import Row

STATED_SHARE = 0.99
"""The share of exact search's quality whose cost is put into words."""


def cost_sentences(rows: Sequence[Row], measure: str, subject: str) -> list[Stated]:
    """Say for each axis what the subject and the cheapest baseline spend to reach STATED_SHARE.

    Of several forms of the subject, as of several baselines, the cheapest is named. Nothing is said
    of time unless it was the budget: other cells are timed only briefly.
    """
    timed = any(row.budget.is_timed for row in rows)
    sentences = []
    for axis in AXES:
        if axis.name == "latency" and not timed:
            continue
        costs = reached_costs(rows, measure, axis, STATED_SHARE)
        own = next((each for each in costs if is_about(each.label, each.method, subject)), None)
        other = next((entry for entry in costs if entry.is_cheapest_baseline), None)
        if own is not None:
            text = (
                f"To reach {100 * STATED_SHARE:g} % of exact search's {measure}, "
                f"{_needs(own, axis)}{_baseline_needs(other, axis)}."
            )
            sentences.append(Stated(text, axis.name))
    if sentences:
        text = (
            "These costs are interpolated linearly between two neighbours on a method's Pareto "
            "front."
        )
        sentences.append(Stated(text))
    return sentences


def _needs(own: ReachedCost, axis: Axis) -> str:
    if own.reach.cost is None:
        return f"{own.label} does not get there at any budget"
    return f"{own.label} needs {_cost(own, axis)}"


def _baseline_needs(other: ReachedCost | None, axis: Axis) -> str:
    if other is None:
        return "; no baseline gets there"
    return f"; the cheapest baseline, {other.label}, needs {_cost(other, axis)}"


def _cost(entry: ReachedCost, axis: Axis) -> str:
    least = "at most " if entry.reach.at_most else ""
    cost = entry.reach.cost or 0.0
    if axis.name == "latency":
        return f"{least}{1000 * cost:.0f} µs"
    noun = "documents" if axis.name == "visited" else "multiply-adds"
    return f"{least}{cost:.2f} % of the {noun}"
