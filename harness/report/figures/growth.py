"""Draw how the cost of matching most of exact search's results grows with the corpus."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.report.figures.end_labels import EndLabel, add_end_labels
from harness.report.figures.log_ticks import label_ticks
from harness.report.figures.style import Canvas
from harness.report.findings.growing_costs import (
    FOUND_SHARES,
    GrowingCost,
    growing_costs,
    per_query,
)
from harness.report.labels import CEILING
from harness.report.numbers import exponent
from harness.report.rows.frontier import Axis
from harness.report.rows.growth import Growth

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT, FRAME = 2.7, 0.75
"""Inches: the height of a panel, and what its labels need of it."""
MARGIN = 1.3
"""Between the outermost points and the edges, as a factor, because the axes are logarithmic."""
COARSE, FINE = (1.0,), (1.0, 2.0, 5.0)
"""The digits of ticks on an axis of many and of few powers of ten."""


def growth_figure(growth: Growth, axis: Axis, canvas: Canvas) -> "Figure":
    """Return one panel per share of exact search's documents, with one line per method.

    Both axes are logarithmic, so that a power of the documents is a straight line, and its exponent
    is written at its end. A hollow marker is a bound: the method's cheapest point finds more. A
    line has no point at a size at which the share is not found.

    Args:
        growth: The sizes.
        axis: The cost, one of AXES.
        canvas: The width and colours of the figure.
    """
    figure, panels = canvas.panels(len(FOUND_SHARES), HEIGHT)
    unit = per_query(axis, growth.largest).unit
    for axes, share in zip(panels, FOUND_SHARES, strict=True):
        costs = growing_costs(growth, axis, share)
        _panel(axes, growth, costs, canvas)
        axes.set_title(f"{100 * share:g} % of exact search's first ten found")
        axes.set_xlabel("documents in the corpus")
        axes.set_ylabel(f"{axis.title}\n({unit})")
    figure.suptitle(
        f"{growth.kind}. At line ends: x in cost ~ documents$^x$.",
        x=0.01,
        ha="left",
        color=canvas.theme.soft,
    )
    return figure


def _panel(axes: "Axes", growth: Growth, costs: Sequence[GrowingCost], canvas: Canvas) -> None:
    found = [entry for entry in costs if any(entry.cost(each) is not None for each in growth.sizes)]
    labels = [_draw_line(axes, growth, entry, canvas) for entry in found]
    heights = [cost for entry in found for each in growth.sizes if (cost := entry.cost(each))]
    axes.set_xscale("log")
    axes.set_xlim(growth.smallest / MARGIN, growth.largest * MARGIN)
    axes.set_xticks(list(growth.sizes), [f"{documents:,}" for documents in growth.sizes])
    axes.minorticks_off()
    if heights:
        low, high = min(heights) / MARGIN, max(heights) * MARGIN
        axes.set_ylim(low, high)
        axes.set_yscale("log")
        label_ticks(axes.yaxis, COARSE if high > 300 * low else FINE)
        add_end_labels(axes, labels, HEIGHT - FRAME, canvas.theme)


def _draw_line(axes: "Axes", growth: Growth, entry: GrowingCost, canvas: Canvas) -> EndLabel:
    look = canvas.look(entry.method)
    points = [
        (documents, cost)
        for documents in growth.sizes
        if (cost := entry.cost(documents)) is not None
    ]
    is_reference = entry.method == CEILING
    axes.plot(
        *zip(*points, strict=True),
        color=look.colour,
        linestyle=(0, (5, 2)) if is_reference else "-",
        linewidth=0.9 if is_reference else 1.3,
    )
    for documents, cost in points:
        bound = entry.reached[documents].at_most
        axes.plot(
            [documents],
            [cost],
            color=look.colour,
            marker="" if is_reference else look.marker,
            markerfacecolor=canvas.theme.ground if bound else look.colour,
            markeredgecolor=look.colour if bound else canvas.theme.ground,
            markeredgewidth=1.0 if bound else 0.5,
            zorder=3,
        )
    text = " ".join(filter(None, (entry.label, exponent(entry.exponent))))
    own = replace(look, marker="") if is_reference else look
    return EndLabel(text, own, *points[-1])
