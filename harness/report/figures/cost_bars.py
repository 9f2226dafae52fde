"""Bars of what each method spends to reach nearly the quality of exact search."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from harness.report.figures.style import SMALL_POINTS, Canvas
from harness.report.findings.reached_costs import ReachedCost
from harness.report.rows.frontier import Axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BAR, FRAME = 0.145, 0.55
"""Inches: the height that a bar takes, and that a panel takes beyond its bars."""
ROOM = 1.9
"""The width of the axes, as a multiple of the longest bar; the rest is for the words at its end."""
TIMES = "\N{MULTIPLICATION SIGN}"
LONGEST = 6.0
"""Bars are cut off at this multiple of the cheapest baseline's cost; their words have the cost."""


def cost_bars(
    costs_by_share: Mapping[float, Sequence[ReachedCost]],
    axis: Axis,
    title: str,
    canvas: Canvas,
) -> "Figure":
    """Return one panel per share of exact search's quality, with one bar per method.

    The words at a bar are its cost and the ratio to that of the cheapest baseline. A method that
    does not reach the quality has no bar, and its words are the largest share that it reached.

    Args:
        costs_by_share: What each method spends, the cheapest first, by the share that it reaches.
        axis: The cost.
        title: The dataset and the measure, in words.
        canvas: The width and colours of the figure.
    """
    most = max(len(costs) for costs in costs_by_share.values())
    figure, panels = canvas.panels(len(costs_by_share), BAR * most + FRAME, across=(1, 3))
    for axes, (share, costs) in zip(panels, costs_by_share.items(), strict=True):
        _panel(axes, costs, axis, canvas)
        axes.set_title(f"{100 * share:g} % of exact search")
    figure.supxlabel(f"{axis.title} ({axis.unit})")
    figure.suptitle(
        f"{title}: cost to reach a quality. {TIMES}: ratio to the cheapest baseline.",
        x=0.01,
        ha="left",
        color=canvas.theme.soft,
    )
    return figure


def _panel(axes: "Axes", costs: Sequence[ReachedCost], axis: Axis, canvas: Canvas) -> None:
    reached = [entry.reach.cost for entry in costs if entry.reach.cost is not None]
    cheapest = next((entry.reach for entry in costs if entry.is_cheapest_baseline), None)
    baseline = None if cheapest is None else cheapest.cost
    bounded = cheapest is not None and cheapest.at_most
    limit = max(reached, default=1.0)
    longest = limit if baseline is None else min(limit, LONGEST * baseline)
    heights = np.arange(len(costs))[::-1]
    for entry, height in zip(costs, heights, strict=True):
        width = min(entry.reach.cost or 0.0, longest)
        colour = canvas.look(entry.method).colour
        axes.barh(height, width, height=0.72, color=colour, alpha=0.9)
        bound = "≥ " if bounded and not entry.reach.at_most else ""
        axes.text(
            width + 0.02 * longest,
            height,
            _words(entry, axis, bound),
            va="center_baseline",
            fontsize=SMALL_POINTS,
            fontweight="bold" if entry.is_cheapest_baseline else "normal",
            color=canvas.theme.soft if entry.reach.cost is None else canvas.theme.ink,
        )
    axes.set_yticks(heights, [entry.label for entry in costs])
    axes.set_ylim(-0.6, len(costs) - 0.4)
    axes.set_xlim(0, ROOM * longest)
    axes.tick_params(axis="y", length=0)
    axes.set_xticks([])
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)


def _words(entry: ReachedCost, axis: Axis, bound: str) -> str:
    """Return an entry's cost and ratio. `bound` is the sign before the ratio, if it is a bound."""
    if entry.reach.cost is None:
        return f"not reached ({100 * entry.best_share:.1f} %)"
    digits = 0 if axis.unit.startswith("µs") else 2
    cost = f"{'≤ ' if entry.reach.at_most else ''}{entry.reach.cost:.{digits}f}"
    if entry.is_cheapest_baseline:
        return f"{cost}  baseline"
    return cost if entry.ratio is None else f"{cost}  {bound}{TIMES}{entry.ratio:.2f}"
