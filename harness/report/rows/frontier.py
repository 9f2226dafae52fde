"""Curves of quality against cost: their points, what dominates, and where one reaches a height."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.report.numbers import Spread
from harness.report.rows.summary import Row


@dataclass(frozen=True)
class Axis:
    """A cost of searching: how it is named, and what a row says of it."""

    name: str
    title: str
    unit: str
    scale: float
    spread: Callable[[Row], Spread | None]

    def of(self, row: Row) -> float | None:
        """Return a row's cost in the axis's unit, or None where it was not measured."""
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
    """Return the rows that are drawn against a cost: those whose budget limits it, if there are.

    Rows without a budget are always drawn.
    """
    own = [row for row in rows if row.budget.unlimited or row.budget.kind == axis.name]
    return own if any(not row.budget.unlimited for row in own) else list(rows)


def curves(rows: Sequence[Row], axis: Axis) -> list[Curve]:
    """Return a curve for every label that has a cost; one without a budget is one point."""
    grouped: dict[str, list[tuple[float, Row]]] = {}
    for row in on_axis(rows, axis):
        if (cost := axis.of(row)) is not None:
            grouped.setdefault(row.label, []).append((cost, row))
    return [
        Curve(label, points[0][1].method, [row for _, row in sorted(points, key=_by_cost)])
        for label, points in grouped.items()
    ]


def band(row: Row, measure: str) -> tuple[float, float]:
    """Return the mean less and plus its deviation over seeds; of one seed, the interval.

    The interval is the bootstrap's over queries of the row's own measure.
    """
    spread = row.metrics[measure]
    if spread.deviation is None:
        return row.interval
    return spread.mean - spread.deviation, spread.mean + spread.deviation


def pareto(points: Sequence[tuple[float, float]]) -> list[int]:
    """Return the positions of the (cost, quality) points that none beats in both, by cost."""
    order = sorted(range(len(points)), key=lambda i: (points[i][0], -points[i][1]))
    best, front = float("-inf"), []
    for i in order:
        if points[i][1] > best:
            best = points[i][1]
            front.append(i)
    return front


@dataclass(frozen=True)
class Reach:
    """The cost at which a curve reaches a quality.

    `cost` is None where it does not. `at_most` says that its cheapest point is above already,
    so that less may do.
    """

    cost: float | None
    at_most: bool = False


def reach(points: Sequence[tuple[float, float]], quality: float) -> Reach:
    """Return where a curve of (cost, quality), by cost, first reaches a quality.

    Between two measured points the curve is a straight line.
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
