"""Curves of quality against cost: points, Pareto front, and where they reach a quality."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.report.numbers import Spread
from harness.report.rows.summary import Row


@dataclass(frozen=True)
class Axis:
    """A cost of searching, and how to read it from a row."""

    name: str
    title: str
    unit: str
    scale: float  # from the unit of the row to `unit`
    spread: Callable[[Row], Spread | None]

    def cost(self, row: Row) -> float | None:
        """Return a row's cost in the unit of the axis, or None if it was not measured."""
        spread = self.spread(row)
        return None if spread is None else self.scale * spread.mean


AXES = (
    Axis("visited", "documents visited", "% of the corpus", 100, lambda row: row.visited),
    Axis("macs", "multiply-adds with routing", "% of a full scan", 100, lambda row: row.macs),
    Axis("latency", "median latency of a query", "ms, one thread", 1, lambda r: r.latency_p50_ms),
)


@dataclass(frozen=True)
class Curve:
    """The rows of a method with its settings, in order of cost."""

    label: str
    method: str
    rows: Sequence[Row]


def on_axis(rows: Sequence[Row], axis: Axis) -> list[Row]:
    """Return the rows to draw against a cost: those whose budget limits it, or all if none does.

    Rows without a budget are always drawn.
    """
    own = [row for row in rows if row.budget.unlimited or row.budget.kind == axis.name]
    return own if any(not row.budget.unlimited for row in own) else list(rows)


def curves(rows: Sequence[Row], axis: Axis) -> list[Curve]:
    """Return one curve per label with a known cost; a method without a budget is a single point."""
    grouped: dict[str, list[tuple[float, Row]]] = {}
    for row in on_axis(rows, axis):
        if (cost := axis.cost(row)) is not None:
            grouped.setdefault(row.label, []).append((cost, row))
    return [
        Curve(label, points[0][1].method, [row for _, row in sorted(points, key=_by_cost)])
        for label, points in grouped.items()
    ]


def band(row: Row, measure: str) -> tuple[float, float]:
    """Return the mean minus and plus its standard deviation over seeds.

    For one seed, return the bootstrap interval over queries, which is for the row's own measure.
    """
    spread = row.metrics[measure]
    if spread.deviation is None:
        return row.interval
    return spread.mean - spread.deviation, spread.mean + spread.deviation


def pareto(points: Sequence[tuple[float, float]]) -> list[int]:
    """Return the positions of the (cost, quality) points on the Pareto front, by cost."""
    order = sorted(range(len(points)), key=lambda i: (points[i][0], -points[i][1]))
    best, front = float("-inf"), []
    for i in order:
        if points[i][1] > best:
            best = points[i][1]
            front.append(i)
    return front


@dataclass(frozen=True)
class Reach:
    """The cost at which a curve reaches a quality."""

    cost: float | None  # None if it never does
    at_most: bool = False  # whether its cheapest point does, so that a lower cost may be enough


def reach(points: Sequence[tuple[float, float]], quality: float) -> Reach:
    """Return where a curve of (cost, quality) points, by cost, first reaches a quality.

    The curve is a straight line between two points.
    """
    before: tuple[float, float] | None = None
    for cost, value in points:
        if value >= quality:
            if before is None:
                return Reach(cost, at_most=True)
            share = (quality - before[1]) / (value - before[1])
            return Reach(before[0] + share * (cost - before[0]))
        before = cost, value
    return Reach(None)


def _by_cost(point: tuple[float, Row]) -> float:
    return point[0]
