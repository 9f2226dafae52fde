"""The style that all figures share: widths, colours and text sizes, and how files are written.

A figure is drawn on a canvas: as wide as a column of a paper or as two, light or dark. Its text is
as large as that of a paper.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.report.figures.palette import Look, look
from methods.atomic_files import new_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

READABLE = 4.5
"""The least contrast of text and background, by the Web Content Accessibility Guidelines."""
TEXT_POINTS, SMALL_POINTS = 9.0, 8.0
"""The size of a paper's text, and that of its captions."""
DOTS_PER_INCH = 300
COLUMN, TWO_COLUMNS = 3.35, 6.9
"""Widths in inches, which fit the two-column layouts of ACM and IEEE."""


@dataclass(frozen=True)
class Theme:
    """The colours of text, lines and background; on a dark one, methods have lighter colours."""

    ink: str
    soft: str
    grid: str
    ground: str
    lighter: float  # share of white that is mixed into the colours of methods

    def readable(self, colour: str) -> str:
        """Return a colour in which text can be read, mixed with as little ink as that takes."""
        mixed = (_mixed(colour, self.ink, percent / 100) for percent in range(0, 101, 5))
        return next(each for each in mixed if contrast(each, self.ground) >= READABLE)


LIGHT = Theme(ink="#222222", soft="#767676", grid="#E6E6E6", ground="#FFFFFF", lighter=0.0)
DARK = Theme(ink="#E6E6E6", soft="#9A9A9A", grid="#2C333B", ground="#0D1117", lighter=0.3)


@dataclass(frozen=True)
class Canvas:
    """What a figure is drawn on. `suffix` ends the names of its files."""

    suffix: str
    width: float  # in inches
    theme: Theme

    @property
    def is_wide(self) -> bool:
        """Whether it is as wide as two columns."""
        return self.width == TWO_COLUMNS

    def look(self, method: str) -> Look:
        """Return the look of a method on this background."""
        plain = look(method)
        return Look(_mixed(plain.colour, "#FFFFFF", self.theme.lighter), plain.marker)

    def panels(
        self, count: int, height: float, across: tuple[int, int] = (1, 2)
    ) -> "tuple[Figure, list[Axes]]":
        """Return a figure of `count` panels, each `height` inches high, and its axes.

        `across` is how many panels are in a row on a narrow and on a wide canvas.
        """
        from matplotlib.figure import Figure

        columns = min(count, across[self.is_wide])
        rows = -(-count // columns)
        figure = Figure(figsize=(self.width, height * rows), layout="constrained")
        axes = list(figure.subplots(rows, columns, squeeze=False).flat)
        for unused in axes[count:]:
            unused.set_axis_off()
        return figure, axes[:count]


CANVASES = (
    Canvas("", COLUMN, LIGHT),
    Canvas("-wide", TWO_COLUMNS, LIGHT),
    Canvas("-dark", COLUMN, DARK),
    Canvas("-wide-dark", TWO_COLUMNS, DARK),
)


def style(theme: Theme) -> Any:
    """Return matplotlib's settings. The font is a part of matplotlib, the same everywhere."""
    return {
        "font.family": "STIXGeneral",
        "mathtext.fontset": "stix",
        "font.size": TEXT_POINTS,
        "axes.labelsize": TEXT_POINTS,
        "axes.titlesize": TEXT_POINTS,
        "axes.titlelocation": "left",
        "figure.titlesize": SMALL_POINTS,
        "figure.labelsize": TEXT_POINTS,
        "xtick.labelsize": SMALL_POINTS,
        "ytick.labelsize": SMALL_POINTS,
        "figure.facecolor": theme.ground,
        "savefig.facecolor": theme.ground,
        "axes.facecolor": theme.ground,
        "axes.edgecolor": theme.soft,
        "axes.labelcolor": theme.ink,
        "axes.titlecolor": theme.ink,
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": theme.grid,
        "grid.linewidth": 0.5,
        "text.color": theme.ink,
        "xtick.color": theme.soft,
        "ytick.color": theme.soft,
        "xtick.labelcolor": theme.ink,
        "ytick.labelcolor": theme.ink,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "xtick.minor.visible": False,
        "ytick.minor.visible": False,
        "lines.linewidth": 1.3,
        "lines.markersize": 4.5,
        "pdf.fonttype": 42,
    }


@contextmanager
def styled(theme: Theme) -> Iterator[None]:
    """Apply the style of the reports within the block, whatever the user's own matplotlib style."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(style(theme))
        yield


def write_figure(figure: "Figure", stem: Path) -> None:
    """Write STEM.pdf and STEM.png, without metadata that changes between runs or versions.

    The PNG has a palette, which makes it a third as large.
    """
    from PIL import Image

    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # the layout is done, and costs as much as both drawings
    with new_file(stem.with_name(f"{stem.name}.pdf")) as draft:
        metadata = {"CreationDate": None, "Creator": None, "Producer": None}
        figure.savefig(draft, format="pdf", metadata=metadata)
    pixels = BytesIO()
    figure.savefig(pixels, format="png", dpi=DOTS_PER_INCH)
    with new_file(stem.with_name(f"{stem.name}.png")) as draft:
        colours = Image.open(pixels).convert("RGB").quantize(256, dither=Image.Dither.NONE)
        colours.save(draft, format="png", optimize=True, dpi=(DOTS_PER_INCH, DOTS_PER_INCH))


def contrast(colour: str, other: str) -> float:
    """Return how much two colours differ in luminance: from 1, not at all, to 21."""
    low, high = sorted((_luminance(colour), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    """Return the relative luminance of a colour, from 0 for black to 1 for white."""
    parts = [part / 255 for part in _parts(colour)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mixed(colour: str, other: str, share: float) -> str:
    """Return a colour with a share of another in it."""
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(own + share * (its - own)):02X}" for own, its in pairs)


def _parts(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
