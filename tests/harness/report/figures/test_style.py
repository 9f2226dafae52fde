from io import BytesIO
from pathlib import Path

import matplotlib
import pytest
from PIL import Image

from harness.report.figures.style import (
    CANVASES,
    DARK,
    LIGHT,
    Canvas,
    Theme,
    contrast,
    styled,
    write_figure,
)
from methods.registry import methods

COLUMN, WIDE, DARK_COLUMN, _ = CANVASES


def test_the_style_holds_within_the_block_alone():
    with matplotlib.rc_context({"font.size": 20, "axes.titlepad": 99}):
        with styled(LIGHT):
            assert matplotlib.rcParams["font.size"] == 9
            assert matplotlib.rcParams["axes.titlepad"] == 6  # the default, not the user's
        assert matplotlib.rcParams["font.size"] == 20


def test_panels_fill_the_width_in_as_many_rows_as_they_need():
    figure, axes = COLUMN.panels(3, 2, across=(1, 3))
    assert len(axes) == 3
    assert figure.get_size_inches().tolist() == pytest.approx([3.35, 6])
    figure, axes = WIDE.panels(3, 2, across=(1, 2))
    assert len(axes) == 3
    assert figure.get_size_inches().tolist() == pytest.approx([6.9, 4])


def test_a_dark_ground_has_light_text_and_lighter_colours():
    with styled(DARK):
        assert matplotlib.rcParams["text.color"] == DARK.ink
        assert matplotlib.rcParams["savefig.facecolor"] == DARK.ground
    assert COLUMN.look("ivf").colour == "#0072B2"
    assert DARK_COLUMN.look("ivf").colour == "#4C9CC9"  # .7 of it, .3 of white
    assert DARK_COLUMN.look("ivf").marker == COLUMN.look("ivf").marker


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_name_of_every_method_can_be_read_in_its_colour(theme: Theme):
    for method in (*methods(), "ehi-vectors+hnsw", "theirs"):
        canvas = Canvas("", 3.35, theme)
        assert contrast(theme.readable(canvas.look(method).colour), theme.ground) >= 4.5
    assert theme.readable(theme.ink) == theme.ink  # what can be read stays


def test_contrast_is_that_of_the_guidelines():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


def test_a_figure_is_written_as_pdf_and_png_with_the_same_bytes_every_time(tmp_path: Path):
    def write(stem: Path) -> list[bytes]:
        with styled(LIGHT):
            figure, (axes,) = COLUMN.panels(1, 2)
            axes.plot([1, 2], [3, 4])
            write_figure(figure, stem)
        return [stem.with_name(stem.name + suffix).read_bytes() for suffix in (".pdf", ".png")]

    pdf, png = write(tmp_path / "d.v2")  # a dot in the name is no suffix
    assert pdf.startswith(b"%PDF") and png.startswith(b"\x89PNG")
    assert b"CreationDate" not in pdf and b"Software" not in png
    assert Image.open(BytesIO(png)).size == (1005, 600)  # 300 dots per inch
    assert [pdf, png] == write(tmp_path / "again")
