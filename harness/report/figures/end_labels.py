"""Name lines at their ends, in the margin, instead of in a legend."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from harness.report.figures.palette import Look
from harness.report.figures.style import SMALL_POINTS, Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform

LINE_SPACING = 1.12
MARKS, TEXTS = 9.0, 15.0
"""Where the markers of labels are, and where their texts begin, in points right of the axes."""


@dataclass(frozen=True)
class EndLabel:
    """A label, its colour and marker ("" for none), and the end of its line in data coordinates."""

    text: str
    look: Look
    x: float
    y: float


def add_end_labels(axes: "Axes", labels: Sequence[EndLabel], height: float, theme: Theme) -> None:
    """Write labels right of the axes, as near to their lines as they can be without overlap.

    The limits and scales of the axes have to be set before. `height` is that of the axes, in
    inches. Texts are in the colours of the lines, made darker or lighter if need be to be readable.
    """
    from matplotlib.transforms import ScaledTranslation

    def right_by(points: float) -> "Transform":
        return axes.transAxes + ScaledTranslation(points / 72, 0, axes.figure.dpi_scale_trans)

    to_axes = axes.transData + axes.transAxes.inverted()
    ends = [float(to_axes.transform((label.x, label.y))[1]) for label in labels]
    places = spread_apart(ends, SMALL_POINTS * LINE_SPACING / 72 / height)
    for label, place in zip(labels, places, strict=True):
        axes.annotate(
            "",
            (label.x, label.y),
            xytext=(1, place),
            textcoords=right_by(MARKS),
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": label.look.colour,
                "linewidth": 0.4,
                "linestyle": (0, (1, 1.5)),
                "shrinkA": 0,
                "shrinkB": 2.5,
            },
        )
        axes.plot(
            [1],
            [place],
            color=label.look.colour,
            marker=label.look.marker,
            markersize=4,
            markeredgewidth=0,
            transform=right_by(MARKS),
            clip_on=False,
        )
        axes.text(
            1,
            place,
            label.text,
            va="center_baseline",
            fontsize=SMALL_POINTS,
            color=theme.readable(label.look.colour),
            transform=right_by(TEXTS),
        )


def spread_apart(heights: Sequence[float], gap: float) -> list[float]:
    """Return heights that are at least `gap` apart, in the same order, near the given ones.

    The sum of squared shifts is the smallest possible. After its rank times the gap is subtracted
    from each height, the results must not fall, so this is isotonic regression.
    """
    from scipy.optimize import isotonic_regression

    order = np.argsort(heights, kind="stable")
    steps = gap * np.arange(len(order))
    places = np.empty(len(order))
    places[order] = isotonic_regression(np.asarray(heights)[order] - steps).x + steps
    return [float(place) for place in places]
