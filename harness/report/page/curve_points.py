"""The measured points of a dataset, each with all its costs and measures, for the page's chart."""

from collections.abc import Mapping
from typing import Any

from harness.report.figures.palette import look
from harness.report.numbers import Spread
from harness.report.rows.dataset_records import DatasetRecords
from harness.report.rows.frontier import AXES, band, on_axis
from harness.report.rows.summary import Row, shown_parts

OVERLAP = "overlap with exact search"
THROUGHPUT = "throughput"


def curve_points(measured: DatasetRecords) -> list[dict[str, Any]]:
    """Return one curve per method and its settings, with its points, in the order of the records.

    A point has its costs by axis, in the axis's unit, None where the point is not drawn. It has the
    limit of its budget on the axis that the budget limits. It has its values by measure: the mean
    and the ends of its band.
    """
    by_measure = {measure: measured.rows(measure) for measure in measured.measures}
    rows = next(iter(by_measure.values()))
    parts = shown_parts(rows)
    drawn = {axis.name: {row.cells for row in on_axis(rows, axis)} for axis in AXES}
    curves: dict[str, dict[str, Any]] = {}
    for position, row in enumerate(rows):
        style = look(row.method)
        curve = curves.setdefault(
            row.label,
            {
                "label": row.label,
                "method": row.method,
                "colour": style.colour,
                "marker": style.marker,
                "points": [],
            },
        )
        values = {
            measure: _value(of_measure[position], measure)
            for measure, of_measure in by_measure.items()
        }
        values |= {
            f"{part} {measure}": _interval(spread)
            for part in parts
            for measure, spread in row.parts.get(part, {}).items()
            if measure in by_measure
        }
        if row.overlap is not None:
            values[OVERLAP] = _interval(row.overlap)
        curve["points"].append(
            {
                "budget": row.budget.label,
                "unlimited": row.budget.unlimited,
                "limits": _limits(row),
                "seeds": list(row.seeds),
                "costs": _costs(row, drawn),
                "values": values,
            }
        )
    return list(curves.values())


def _limits(row: Row) -> dict[str, float]:
    """Return the limit of a row's budget by the axis that it limits, in that axis's unit."""
    limit = row.budget.limit
    own = (axis for axis in AXES if axis.name == row.budget.kind)
    return {} if limit is None else {axis.name: _digits(axis.scale * limit) for axis in own}


def _costs(row: Row, drawn: Mapping[str, set[tuple[str, ...]]]) -> dict[str, float | None]:
    """Return the costs of a row, None on axes where it is not drawn.

    Throughput has no budgets of its own, so it shows the rows that the documents visited show.
    """
    costs = {axis.name: axis.cost(row) for axis in AXES}
    costs[THROUGHPUT] = row.queries_per_second.mean if row.queries_per_second else None
    cells = {**drawn, THROUGHPUT: drawn["visited"]}
    return {
        name: None if cost is None or row.cells not in cells[name] else _digits(cost)
        for name, cost in costs.items()
    }


def _value(row: Row, measure: str) -> list[float]:
    return [_digits(number) for number in (row.metrics[measure].mean, *band(row, measure))]


def _interval(spread: Spread) -> list[float]:
    deviation = spread.deviation or 0.0
    return [_digits(spread.mean + sign * deviation) for sign in (0, -1, 1)]


def _digits(number: float) -> float:
    return float(f"{number:.6g}")
