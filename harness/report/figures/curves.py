"""Figures of quality against cost, and of overlap with exact search against throughput."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.report.figures.contest import HEIGHT, Scale, draw_contest
from harness.report.figures.end_labels import EndLabel
from harness.report.figures.lines import Point, joint_front, lines
from harness.report.figures.style import Canvas
from harness.report.findings.baselines import best_exact_row, exact_row
from harness.report.labels import CEILING
from harness.report.numbers import Spread, short
from harness.report.rows.frontier import AXES, Axis, on_axis
from harness.report.rows.overlap import OVERLAP, overlap_rows
from harness.report.rows.summary import Row

if TYPE_CHECKING:
    from matplotlib.figure import Figure

VISITED, MACS, LATENCY = AXES
FIGURE_AXES = (VISITED, MACS, replace(LATENCY, scale=1000, unit="µs, one thread"))
"""The costs that quality is drawn against."""
MOST_MISSED = 0.5
"""A method that misses more than this share of exact search's documents is not in the contest."""


def quality_against_cost(
    rows_by_measure: Mapping[str, Sequence[Row]], axis: Axis, canvas: Canvas
) -> "Figure":
    """Return one panel per measure, with every method's difference from exact search at each cost.

    Costs are logarithmic, and up is better. Each method's own Pareto front is joined. Those
    that no other method beats at some cost, and the usual baselines, are named; the others are
    faint. Without exact search, the quality itself is drawn.

    Args:
        rows_by_measure: The rows of one dataset, by measure, with that measure's values by query.
        axis: The cost of a search on the x axis.
        canvas: The width and colours of the figure.
    """
    figure, panels = canvas.panels(len(rows_by_measure), HEIGHT)
    for axes, (measure, rows) in zip(panels, rows_by_measure.items(), strict=True):
        best, exact = best_exact_row(rows, measure), exact_row(rows)
        scale = Scale(None if best is None else best.metrics[measure].mean)
        drawn = lines(rows, measure, axis, scale.least)
        references = []
        if exact is not None:
            quality = exact.metrics[measure].mean
            look = replace(canvas.look(CEILING), marker="")
            references = [EndLabel(f"exact ({short(quality)})", look, 0.0, scale.height(quality))]
        front = joint_front(rows, measure, axis)
        draw_contest(axes, drawn, front, scale, canvas, references)
        axes.set_xlabel(f"{axis.title} ({axis.unit})")
        axes.set_ylabel(_quality_title(measure, best))
    _explain(figure, on_axis(next(iter(rows_by_measure.values())), axis), canvas)
    return figure


def throughput(rows: Sequence[Row], canvas: Canvas) -> "Figure":
    """Return how many of exact search's first ten documents are found, by queries per second.

    Up and to the right is better. Exact search scans the method's own vectors, so that the encoder
    does not count. The rows are those with a limit on latency, if there are any: their timing is
    the most careful.

    Args:
        rows: The rows of one dataset.
        canvas: The width and colours of the figure.
    """
    seconds = Axis(LATENCY.name, "", "", 1, _seconds_per_query)
    overlaps = overlap_rows([row for row in rows if not row.budget.unlimited])
    scale = Scale(1.0, most=MOST_MISSED)
    drawn = [
        replace(line, points=[_per_second(point) for point in line.points])
        for line in lines(overlaps, OVERLAP, seconds, scale.least)
    ]
    front = [_per_second(point) for point in joint_front(overlaps, OVERLAP, seconds)]
    figure, (axes,) = canvas.panels(1, HEIGHT)
    draw_contest(axes, drawn, front, scale, canvas)
    axes.set_xlabel("queries per second (batches, all threads)")
    axes.set_ylabel("share of the ten documents of\nexact search that is found, less 1")
    _explain(figure, on_axis(rows, seconds), canvas)
    return figure


def _seconds_per_query(row: Row) -> Spread | None:
    speed = row.queries_per_second
    return None if speed is None else Spread(1 / speed.mean, None)


def _per_second(point: Point) -> Point:
    return replace(point, cost=1 / point.cost)


def _quality_title(measure: str, best: Row | None) -> str:
    if best is None:
        return measure
    quality = short(best.metrics[measure].mean)
    if best.method == CEILING:
        return f"{measure} less that of\nexact search ({quality})"
    return f"{measure} less that of the best exact\nsearch ({best.method}, {quality})"


def _explain(figure: "Figure", rows: Sequence[Row], canvas: Canvas) -> None:
    """Write a line above the panels that says what they show."""
    figure.suptitle(
        f"{rows[0].dataset}. Bars: {_bars(rows)}. Grey: frontier of all.",
        x=0.01,
        ha="left",
        color=canvas.theme.soft,
    )


def _bars(rows: Sequence[Row]) -> str:
    """Say what the bars of rows are; exact search, which is a line, has none."""
    limited = [row for row in rows if not row.budget.unlimited] or rows
    counts = {len(row.seeds) for row in limited}
    several, one = f"± standard deviation, {max(counts)} seeds", "95 % bootstrap over queries"
    if counts == {1}:
        return one
    # On one line, it would be wider than a column.
    return f"{several};\nwith one seed, {one}" if 1 in counts else several
