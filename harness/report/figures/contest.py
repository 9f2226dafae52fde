"""Draw a contest on a panel: a line per method, the frontier of all, and their names."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.report.figures.end_labels import EndLabel, add_end_labels
from harness.report.figures.lines import Line, Point
from harness.report.figures.log_ticks import label_ticks
from harness.report.figures.style import Canvas
from harness.report.numbers import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DASHES = ("-", (0, (4, 1.5)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)))
"""Line styles that tell several settings of one method apart; they share its colour."""
HEIGHT, FRAME = 2.6, 0.55
"""Inches: the height of a panel, and what its labels need of it."""
LONG_TICK = 10_000
"""From here on, ticks of a column's width have room for three numbers per power of ten."""


@dataclass(frozen=True)
class Scale:
    """How quality is drawn: as its difference from another one, or as it is.

    The axis of differences is linear within `linear` of zero and logarithmic beyond, on both sides.
    A quality that is worse by more than `most` is not in the contest: it does not widen the axes.
    """

    zero: float | None  # the quality that is drawn as 0; None: quality as it is
    linear: float = 0.002
    most: float = 0.1

    def height(self, quality: float) -> float:
        """Return where a quality is on the axis."""
        return quality if self.zero is None else quality - self.zero

    @property
    def least(self) -> float:
        """The least quality that is in the contest."""
        return 0.0 if self.zero is None else self.zero - self.most

    def ticks(self, low: float, high: float) -> list[float]:
        """Return 0 and the differences of 1, 2 or 5 times a power of ten, from low to high."""
        sizes = [digit * 10.0**power for power in (-3, -2, -1) for digit in (1, 2, 5)]
        logarithmic = [size for size in sizes if size > 0.999 * self.linear]
        ticks = [*(-size for size in reversed(logarithmic)), 0.0, *logarithmic]
        return [tick for tick in ticks if low <= tick <= high]


def draw_contest(
    axes: "Axes",
    lines: Sequence[Line],
    front: Sequence[Point],
    scale: Scale,
    canvas: Canvas,
    references: Sequence[EndLabel] = (),
) -> None:
    """Draw lines and their frontier, and name the named ones at their ends; up is better.

    Args:
        axes: The panel.
        lines: The methods.
        front: The frontier of all methods, in order of cost.
        scale: How quality is drawn.
        canvas: The colours of the figure.
        references: Horizontal lines at `y`: qualities that have no cost here, so `x` is ignored.
    """
    axes.plot(
        [point.cost for point in front],
        [scale.height(point.quality) for point in front],
        color=canvas.theme.soft,
        alpha=0.3,
        linewidth=6,
        solid_capstyle="round",
        label="frontier of all",
        zorder=1,
    )
    labels = [_draw_line(axes, line, scale, canvas, dashes) for line, dashes in _with_dashes(lines)]
    for reference in references:
        axes.axhline(
            reference.y,
            color=reference.look.colour,
            linewidth=0.9,
            linestyle=(0, (5, 2)),
            label=reference.text,
        )
    _set_limits(axes, lines, scale, [reference.y for reference in references])
    _set_ticks(axes, scale)
    named = [label for label in labels if label is not None]
    ends = [replace(reference, x=axes.get_xlim()[1]) for reference in references]
    add_end_labels(axes, [*named, *ends], HEIGHT - FRAME, canvas.theme)


def _draw_line(
    axes: "Axes", line: Line, scale: Scale, canvas: Canvas, dashes: object
) -> EndLabel | None:
    """Draw a method's line, and return the label of its end if it is named."""
    look = canvas.look(line.method)
    costs = [point.cost for point in line.points]
    heights = [scale.height(point.quality) for point in line.points]
    if not line.is_named:
        axes.plot(costs, heights, color=look.colour, alpha=0.3, linewidth=0.8, linestyle=dashes)
        return None
    lows = [scale.height(point.low) for point in line.points]
    highs = [scale.height(point.high) for point in line.points]
    axes.vlines(costs, lows, highs, color=look.colour, alpha=0.5, linewidth=0.9)
    axes.plot(
        costs,
        heights,
        color=look.colour,
        linestyle=dashes,
        marker=look.marker,
        markeredgecolor=canvas.theme.ground,
        markeredgewidth=0.5,
        label=line.label,
        zorder=3,
    )
    return EndLabel(line.label, look, *max(zip(costs, heights, strict=True)))


def _set_limits(
    axes: "Axes", lines: Sequence[Line], scale: Scale, references: Sequence[float]
) -> None:
    """Fit the axes to the references and the named points in the contest, or else to all points."""
    points = [point for line in lines for point in line.points]
    named = [point for line in lines if line.is_named for point in line.points]
    shown = [point for point in named if point.quality >= scale.least] or points
    axes.set_xscale("log")
    axes.set_xlim(
        min(point.cost for point in shown) / 1.12, max(point.cost for point in shown) * 1.12
    )
    if scale.zero is not None:
        heights = [*references, *(scale.height(point.quality) for point in shown)]
        axes.set_yscale("symlog", linthresh=scale.linear, linscale=0.5)
        axes.set_ylim(
            1.25 * min(*heights, -scale.linear / 2), 1.25 * max(*heights, scale.linear / 4)
        )


def _set_ticks(axes: "Axes", scale: Scale) -> None:
    """Label logarithmic axes with plain numbers, and differences with their signs."""
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

    low, high = axes.get_xlim()
    has_room = high < 8 * low and high < LONG_TICK
    digits = (1.0, 2.0, 3.0, 5.0, 7.0) if has_room else (1.0, 2.0, 5.0)
    label_ticks(axes.xaxis, digits)
    if scale.zero is not None:
        ticks = scale.ticks(*axes.get_ylim())
        axes.yaxis.set_major_locator(FixedLocator(ticks))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FixedFormatter([_difference(tick) for tick in ticks]))


def _difference(value: float) -> str:
    """Return a difference with its sign: +.05, or 0."""
    signed = short(value, "+").rstrip("0").replace("-", "\N{MINUS SIGN}")
    return signed if value else "0"


def _with_dashes(lines: Sequence[Line]) -> list[tuple[Line, object]]:
    counts: dict[str, int] = {}
    paired: list[tuple[Line, object]] = []
    for line in lines:
        count = counts.setdefault(line.method, 0)
        paired.append((line, DASHES[count % len(DASHES)]))
        counts[line.method] += 1
    return paired
