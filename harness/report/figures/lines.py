"""The lines of a figure of quality against cost, as data."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.report.findings.baselines import SUBJECT
from harness.report.rows.frontier import Axis, band, curves, pareto
from harness.report.rows.summary import Row

NAMED = (SUBJECT, "ehi-frozen", "ivf", "scann", "hnsw", "faiss-hnsw")
"""The methods that every figure names, next to those on the frontier of all methods."""


@dataclass(frozen=True)
class Point:
    """A cost, a quality and the ends of its band."""

    cost: float
    quality: float
    low: float
    high: float


@dataclass(frozen=True)
class Line:
    """A method with its settings, and its points on its own Pareto front, in order of cost."""

    label: str
    method: str
    points: Sequence[Point]
    is_named: bool  # whether it is drawn in full colour, with its name


def lines(rows: Sequence[Row], measure: str, axis: Axis, least: float = 0.0) -> list[Line]:
    """Return one line per method that has a budget, on the rows to draw against this cost.

    A method is named if it is one of NAMED, or on the frontier of all methods with a quality of at
    least `least`.
    """
    found = []
    on_front = {
        (point.cost, point.quality)
        for point in joint_front(rows, measure, axis)
        if point.quality >= least
    }
    for curve in curves([row for row in rows if not row.budget.unlimited], axis):
        own = [_point(row, measure, axis) for row in curve.rows]
        front = [own[i] for i in pareto([(point.cost, point.quality) for point in own])]
        leads = any((point.cost, point.quality) in on_front for point in front)
        found.append(Line(curve.label, curve.method, front, leads or curve.method in NAMED))
    return found


def joint_front(rows: Sequence[Row], measure: str, axis: Axis) -> list[Point]:
    """Return the points that no point of any method with a budget beats, in order of cost."""
    budgeted = [row for row in rows if not row.budget.unlimited]
    points = [_point(row, measure, axis) for curve in curves(budgeted, axis) for row in curve.rows]
    return [points[i] for i in pareto([(point.cost, point.quality) for point in points])]


def _point(row: Row, measure: str, axis: Axis) -> Point:
    return Point(axis.cost(row) or 0.0, row.metrics[measure].mean, *band(row, measure))
