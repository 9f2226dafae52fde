"""Draw the times that bench_gpu.py measures: latency and throughput by the size of a batch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.lines import Line2D

from harness.report.figures.log_ticks import label_ticks
from harness.report.figures.style import LIGHT, TWO_COLUMNS, Canvas, styled, write_figure
from tests.benches.device_timing import BATCHES

HEIGHT = 2.7
WAYS = {"on_device": "-", "with_transfers": (0, (4, 2))}
"""The style of a line by what was timed: work on the device alone, or transfers as well."""


def draw_curves(searches: Sequence[dict[str, Any]], stem: Path) -> None:
    """Write STEM-DTYPE.pdf and .png for every type of the vectors.

    `searches` are rows of bench.json: the index, the dtype, the batch and the two times of it.
    """
    canvas = Canvas("", TWO_COLUMNS, LIGHT)
    for dtype in dict.fromkeys(row["dtype"] for row in searches):
        with styled(canvas.theme):
            figure, (latency, throughput) = canvas.panels(2, HEIGHT)
            indexes = list(dict.fromkeys(row["index"] for row in searches))
            for index in indexes:
                rows = [row for row in searches if (row["index"], row["dtype"]) == (index, dtype)]
                batches = [row["batch"] for row in rows]
                for way, line in WAYS.items():
                    times = [row[way]["p50"] for row in rows]
                    rates = [row["batch"] / row[way]["p50"] * 1e3 for row in rows]
                    look = canvas.look(index)
                    for axes, values in ((latency, times), (throughput, rates)):
                        axes.plot(batches, values, look.marker, ls=line, color=look.colour)
            for axes, title in ((latency, "ms per batch, median"), (throughput, "queries/s")):
                axes.set(xscale="log", yscale="log", title=title, xlabel="queries in a batch")
                axes.set_xticks(BATCHES, [f"{batch:,}" for batch in BATCHES])
                axes.minorticks_off()
                label_ticks(axes.yaxis, (1.0, 3.0))
            ink = canvas.theme.ink
            handles = [
                *(Line2D([], [], color=canvas.look(i).colour, label=i) for i in indexes),
                Line2D([], [], color=ink, ls=WAYS["on_device"], label="on the device"),
                Line2D([], [], color=ink, ls=WAYS["with_transfers"], label="with transfers"),
            ]
            latency.legend(handles=handles, frameon=False)
            title = f"Inverted lists of {dtype} vectors, searched by torch"
            figure.suptitle(title, x=0.01, ha="left")
            write_figure(figure, stem.with_name(f"{stem.name}-{dtype}"))
