"""Figures of quality against cost, and of throughput against recall."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.report.figures.palette import look
from harness.report.figures.style import FAINT, INK, panels
from harness.report.labels import CEILING
from harness.report.rows.frontier import Axis, Curve, band, curves, pareto
from harness.report.rows.summary import Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DASHES = ("-", (0, (4, 1.5)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)))
"""Line styles that tell several settings of one method apart; they share its colour."""


def quality_against_cost(rows: Sequence[Row], measure: str, axis: Axis) -> "Figure":
    """Return one curve per method, with bands, the Pareto frontier and a line for exact search.

    Args:
        rows: The rows of one dataset, with the measure's values by query.
        measure: The quality measure on the y axis.
        axis: The cost of a search on the x axis, which is logarithmic.
    """
    figure, (axes,) = panels(1)
    drawn = curves(rows, axis)
    exact = next((row for row in rows if row.method == CEILING), None)
    if exact is not None:
        _ceiling(axes, exact, measure, axis)
    budgeted = [curve for curve in drawn if not curve.rows[0].budget.unlimited]
    points = [
        (axis.cost(row) or 0.0, row.metrics[measure].mean)
        for curve in budgeted
        for row in curve.rows
    ]
    front = [points[i] for i in pareto(points)]
    for curve, dashes in _with_dashes(drawn):
        if curve.method != CEILING:
            _curve(axes, curve, measure, axis, dashes)
    axes.plot(
        [cost for cost, _ in front],
        [quality for _, quality in front],
        linestyle="",
        marker="o",
        markersize=11,
        markerfacecolor="none",
        markeredgecolor=INK,
        markeredgewidth=0.9,
        label="Pareto frontier",
        zorder=4,
    )
    _logarithmic(axes)
    axes.set_xlabel(f"{axis.title} ({axis.unit})")
    axes.set_ylabel(measure)
    axes.set_title(f"{rows[0].dataset}: {_bands(rows)}", color=FAINT)
    _legend(figure, axes)
    return figure


def recall_against_throughput(rows: Sequence[Row], recall: Sequence[Row]) -> "Figure":
    """Return queries per second against the overlap with exact search, and against R@100.

    Up and to the right is better, as is usual in the nearest-neighbour search literature.

    Args:
        rows: The rows of one dataset.
        recall: The same rows with the values of R@100 by query; empty to leave that panel out.
    """
    shown = [row for row in rows if row.queries_per_second is not None and row.method != CEILING]
    figure, both = panels(2 if recall else 1, width=4.4)
    _throughput(both[0], shown, "overlap of the first 10 with exact search's")
    if recall:
        _throughput(both[1], [row for row in recall if row.method != CEILING], "R@100")
    both[0].set_ylabel("queries per second, all threads")
    both[0].set_title(f"{rows[0].dataset}: up and to the right is better", color=FAINT)
    _legend(figure, both[-1])
    return figure


def _ceiling(axes: "Axes", exact: Row, measure: str, axis: Axis) -> None:
    """Draw exact search as a line, and as a point if its cost is not 100 % by definition."""
    style, height = look(CEILING), exact.metrics[measure].mean
    line = axes.axhline(height, color=style.colour, linewidth=1, linestyle=(0, (5, 2)))
    line.set_label("exact search")
    cost = axis.cost(exact)
    if axis.name == "latency" and cost is not None:
        axes.plot([cost], [height], color=style.colour, marker=style.marker, markersize=8)


def _throughput(axes: "Axes", rows: Sequence[Row], measure: str) -> None:
    grouped: dict[str, list[tuple[float, float]]] = {}
    methods = {row.label: row.method for row in rows}
    for row in rows:
        x = row.metrics["R@100"] if measure == "R@100" else row.overlap
        if x is not None and row.queries_per_second is not None:
            grouped.setdefault(row.label, []).append((x.mean, row.queries_per_second.mean))
    for label, points in grouped.items():
        style = look(methods[label])
        axes.plot(
            *zip(*sorted(points), strict=True),
            color=style.colour,
            marker=style.marker,
            markersize=5,
            linewidth=1.4,
            markeredgecolor="white",
            markeredgewidth=0.6,
            label=label,
        )
    axes.set_yscale("log")
    axes.set_xlabel(measure)


def _curve(axes: "Axes", curve: Curve, measure: str, axis: Axis, dashes: object) -> None:
    style = look(curve.method)
    xs = [axis.cost(row) or 0.0 for row in curve.rows]
    ys = [row.metrics[measure].mean for row in curve.rows]
    lows, highs = zip(*(band(row, measure) for row in curve.rows), strict=True)
    if len(xs) > 1:
        axes.fill_between(xs, lows, highs, color=style.colour, alpha=0.15, linewidth=0)
    else:
        axes.vlines(xs, lows, highs, color=style.colour, alpha=0.4, linewidth=2)
    axes.plot(
        xs,
        ys,
        color=style.colour,
        linestyle=dashes,
        linewidth=1.5,
        marker=style.marker,
        markersize=5.5,
        markeredgecolor="white",
        markeredgewidth=0.6,
        label=curve.label,
        zorder=3,
    )


def _with_dashes(drawn: Sequence[Curve]) -> list[tuple[Curve, object]]:
    counts: dict[str, int] = {}
    paired: list[tuple[Curve, object]] = []
    for curve in drawn:
        count = counts.setdefault(curve.method, 0)
        paired.append((curve, DASHES[count % len(DASHES)]))
        counts[curve.method] += 1
    return paired


def _logarithmic(axes: "Axes") -> None:
    """Make the x axis logarithmic, labelled with plain numbers at 1, 2 and 5 of every decade."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(base=10, subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _bands(rows: Sequence[Row]) -> str:
    seeds = max(len(row.seeds) for row in rows)
    if seeds == 1:
        return "one seed, 95 % bootstrap interval over queries"
    return f"mean ± standard deviation over {seeds} seeds"


def _legend(figure: "Figure", axes: "Axes") -> None:
    handles, names = axes.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside right upper", labelcolor=INK, handlelength=2.2)
