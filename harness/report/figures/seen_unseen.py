"""A figure of the quality on seen and on unseen queries, next to each other."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from harness.measure.budget import Budget
from harness.report.figures.style import Canvas
from harness.report.labels import CEILING
from harness.report.rows.summary import Row
from harness.store.quality import PARTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LINE, FRAME = 0.16, 0.75
"""Inches: the height that a method takes, and that a panel takes beyond its methods."""
MOST_LOST = 0.1
"""How far below the best row a row may be to be shown."""


def parts_by_budget(rows: Sequence[Row], measure: str) -> dict[Budget, list[Row]]:
    """Return the rows with seen and unseen queries at the least and at the largest share visited.

    Exact search is in both. Rows are in order of their means on unseen queries. Those that are
    MOST_LOST or more below the best row are left out, as they are not in the contest.
    """
    best = max((row.metrics[measure].mean for row in rows), default=0.0)
    both = [
        row
        for row in rows
        if len(_means(row, measure)) == len(PARTS) and best - row.metrics[measure].mean < MOST_LOST
    ]
    budgets = sorted(
        {row.budget for row in both if row.budget.kind == "visited" and not row.budget.unlimited},
        key=lambda budget: budget.sort_key,
    )
    ends = dict.fromkeys((*budgets[:1], *budgets[-1:]))
    return {
        budget: sorted(
            (row for row in both if row.budget == budget or row.method == CEILING),
            key=lambda row: row.part_mean("unseen", measure) or 0.0,
        )
        for budget in ends
    }


def seen_and_unseen(rows: Sequence[Row], measure: str, canvas: Canvas) -> "Figure":
    """Return one panel for the least and one for the largest share of documents visited.

    A full marker is the mean over seen queries, an open one that over unseen queries.

    Args:
        rows: The rows of one dataset, some of them with both kinds of queries.
        measure: The measure on the x axis.
        canvas: The width and colours of the figure.
    """
    shown = parts_by_budget(rows, measure)
    most = max(len(own) for own in shown.values())
    figure, panels = canvas.panels(len(shown), LINE * most + FRAME)
    for axes, (budget, own) in zip(panels, shown.items(), strict=True):
        _panel(axes, own, measure, canvas)
        axes.set_title(f"visiting {budget.label} of the documents")
        axes.set_xlabel(measure)
    ends = [mean for own in shown.values() for row in own for mean in _means(row, measure)]
    for axes in panels:
        axes.set_xlim(min(ends) - 0.002, max(ends) + 0.002)
    some = next(iter(shown.values()))[0]
    counts = ", ".join(f"{some.part_counts[part]:,} {part}" for part in PARTS)
    figure.suptitle(
        f"{rows[0].dataset}: {counts} queries. Full: seen. Open: unseen.",
        x=0.01,
        ha="left",
        color=canvas.theme.soft,
    )
    return figure


def _panel(axes: "Axes", rows: Sequence[Row], measure: str, canvas: Canvas) -> None:
    for height, row in enumerate(rows):
        look = canvas.look(row.method)
        seen, unseen = _means(row, measure)
        axes.plot([seen, unseen], [height, height], color=look.colour, linewidth=1, zorder=2)
        for mean, face in ((seen, look.colour), (unseen, canvas.theme.ground)):
            axes.plot(
                [mean],
                [height],
                color=look.colour,
                marker=look.marker,
                markersize=5,
                markerfacecolor=face,
                zorder=3,
            )
    axes.set_yticks(np.arange(len(rows)), [row.label for row in rows])
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)


def _means(row: Row, measure: str) -> list[float]:
    """Return the means over seen and unseen queries, in this order, as far as there are any."""
    means = (row.part_mean(part, measure) for part in PARTS)
    return [mean for mean in means if mean is not None]
