"""A figure of where a query's time and work go."""

from collections.abc import Sequence
from statistics import fmean, median
from typing import TYPE_CHECKING

import numpy as np

from harness.report.figures.style import SMALL_POINTS, Canvas
from harness.report.rows.dataset_records import DatasetRecords
from harness.report.rows.summary import Row
from harness.store.record import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BAR, FRAME = 0.145, 0.7
"""Inches: the height that a bar takes, and that a panel takes beyond its bars."""


def where_time_goes(measured: DatasetRecords, rows: Sequence[Row], canvas: Canvas) -> "Figure":
    """Return a panel of microseconds to search, and one of multiply-adds to route and to scan.

    Routing and scanning are timed together, so multiply-adds show how large each part is. The time
    to encode the query is written, not drawn: it can be hundreds of times that of the search.

    Args:
        measured: The records of a dataset.
        rows: Its rows at one budget.
        canvas: The width and colours of the figure.
    """
    results = {record.cell: record.measured for record in measured.ok}
    found = [(row, [results[cell] for cell in row.cells]) for row in rows]
    found.sort(key=lambda pair: -_search_microseconds(pair[1]))
    figure, (times, work) = canvas.panels(2, BAR * len(found) + FRAME)
    _names(times, [row.label for row, _ in found])
    _names(work, [row.label for row, _ in found])
    for height, (row, own) in enumerate(found):
        colour = canvas.look(row.method).colour
        times.barh(height, _search_microseconds(own), height=0.72, color=colour)
        if all(result.cost.macs is not None for result in own):
            route, scan = (
                100 * fmean(value)
                for value in (
                    [result.cost.route_macs or 0.0 for result in own],
                    [result.cost.scan_macs or 0.0 for result in own],
                )
            )
            work.barh(height, route, height=0.72, color=colour, alpha=0.45)
            work.barh(height, scan, left=route, height=0.72, color=colour)
    times.set_xlabel("median search of a query (µs, one thread)")
    work.set_xlabel("multiply-adds (% of a full scan)")
    work.set_title("faint: route; full: scan", fontsize=SMALL_POINTS)
    encode = median(1000 * result.latency.encode_ms.p50 for _, own in found for result in own)
    figure.suptitle(
        f"{rows[0].dataset} at {rows[0].budget.label}. Before each search, {encode:,.0f} µs encode "
        "the query.",
        x=0.01,
        ha="left",
        color=canvas.theme.soft,
    )
    return figure


def _search_microseconds(results: Sequence[Result]) -> float:
    return 1000 * fmean(result.latency.search_ms.p50 for result in results)


def _names(axes: "Axes", names: Sequence[str]) -> None:
    axes.set_yticks(np.arange(len(names)), names)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False)
    axes.set_ylim(-0.6, len(names) - 0.4)
