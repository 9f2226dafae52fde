"""Figures of what EHI learned: its leaves, its training curves, and the effect of each part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harness.report.figures.style import Canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Bar:
    """An arm of an ablation: its mean quality, and the deviation if there are several seeds."""

    label: str
    mean: float
    deviation: float | None


def leaf_histogram(sizes: NDArray[np.integer], dataset: str, canvas: Canvas) -> "Figure":
    """Return a histogram of leaf sizes, in documents. `sizes` has shape (leaves,)."""
    figure, (axes,) = canvas.panels(1, 2.2)
    soft = canvas.theme.soft
    bins = min(40, max(5, len(sizes) // 4))
    axes.hist(sizes, bins=bins, color=canvas.look("ehi").colour, alpha=0.85)
    mean = float(sizes.mean())
    axes.axvline(mean, color=soft, linewidth=1, linestyle=(0, (5, 2)))
    axes.annotate(
        f"mean {mean:,.0f}",
        (mean, 1),
        xycoords=("data", "axes fraction"),
        xytext=(4, -2),
        textcoords="offset points",
        va="top",
        color=soft,
    )
    axes.set_xlabel("documents in a leaf")
    axes.set_ylabel("leaves")
    axes.grid(axis="x", visible=False)
    axes.set_title(
        f"{dataset}: {len(sizes):,} leaves, largest {sizes.max():,}, empty {(sizes == 0).sum():,}",
        color=soft,
    )
    return figure


def training_curves(history: Sequence[Mapping[str, Any]], dataset: str, canvas: Canvas) -> "Figure":
    """Return every number in a training history by epoch, one panel each, with its own scale.

    Args:
        history: One mapping per epoch, with its number as `epoch`. A loss may be absent from some.
        dataset: The name for the title.
        canvas: The width and colours of the figure.
    """
    numbers = (
        name for row in history for name, value in row.items() if isinstance(value, int | float)
    )
    names = [name for name in dict.fromkeys(numbers) if name != "epoch"]
    figure, all_axes = canvas.panels(len(names), 1.7, across=(2, 4))
    for axes, name in zip(all_axes, names, strict=True):
        known = [(row["epoch"], row[name]) for row in history if row.get(name) is not None]
        axes.plot(*zip(*known, strict=True), color=canvas.look("ehi").colour, linewidth=1.5)
        axes.set_xlim(0, max(row["epoch"] for row in history) or 1)
        axes.set_ylim(0, 1.08 * max(loss for _, loss in known) or 1)
        axes.set_title(name.replace("_", " "))
        axes.set_xlabel("epoch")
    figure.suptitle(f"{dataset}: training of EHI", x=0.01, ha="left", color=canvas.theme.soft)
    return figure


def ablation_bars(bars: Sequence[Bar], measure: str, dataset: str, canvas: Canvas) -> "Figure":
    """Return the arms of an ablation as bars: their differences from the first, the full method."""
    figure, (axes,) = canvas.panels(1, 0.8 + 0.2 * len(bars))
    soft = canvas.theme.soft
    full, heights = bars[0], np.arange(len(bars))[::-1]
    differences = [bar.mean - full.mean for bar in bars]
    axes.barh(heights, differences, color=canvas.look("ehi").colour, alpha=0.75, height=0.6)
    axes.errorbar(
        differences,
        heights,
        xerr=[bar.deviation or 0.0 for bar in bars],
        fmt="none",
        ecolor=soft,
        elinewidth=1,
        capsize=2,
    )
    axes.axvline(0, color=soft, linewidth=0.8)
    axes.set_yticks(heights, [bar.label for bar in bars])
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(f"{measure}, difference from {full.label} ({full.mean:.3f})")
    axes.set_title(f"{dataset}: what each part is worth", color=soft)
    return figure
