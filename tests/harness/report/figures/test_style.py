from pathlib import Path

import matplotlib
import pytest

from harness.report.figures.style import STYLE, panels, styled, write_figure


def test_the_style_holds_within_the_block_alone():
    with matplotlib.rc_context({"font.size": 20, "lines.linewidth": 9}):
        with styled():
            assert matplotlib.rcParams["font.size"] == STYLE["font.size"]
            assert matplotlib.rcParams["lines.linewidth"] == 1.5  # the default, not the user's
        assert matplotlib.rcParams["font.size"] == 20


def test_panels_are_in_one_row_and_as_large_as_asked():
    figure, axes = panels(3, width=2, height=1.5)
    assert len(axes) == 3
    assert figure.get_size_inches().tolist() == pytest.approx([6, 1.5])


def test_a_figure_is_written_as_pdf_and_png_with_the_same_bytes_every_time(tmp_path: Path):
    def write(stem: Path) -> list[bytes]:
        with styled():
            figure, (axes,) = panels(1)
            axes.plot([1, 2], [3, 4])
            write_figure(figure, stem)
        return [stem.with_name(stem.name + suffix).read_bytes() for suffix in (".pdf", ".png")]

    pdf, png = write(tmp_path / "d.v2")  # a dot in the name is no suffix
    assert pdf.startswith(b"%PDF") and png.startswith(b"\x89PNG")
    assert b"CreationDate" not in pdf and b"Software" not in png
    assert [pdf, png] == write(tmp_path / "again")
