from pathlib import Path

import pytest

from harness.report.figures.growth import growth_figure
from harness.report.figures.style import CANVASES, LIGHT
from harness.report.rows.frontier import AXES
from tests.harness.report.fake_growth import growth_of, write_size, write_sizes

COLUMN = CANVASES[0]


def test_every_share_has_a_panel_whose_lines_end_with_their_exponents(tmp_path: Path):
    figure = growth_figure(growth_of(write_sizes(tmp_path)), AXES[0], COLUMN)
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == [f"{share} % of exact search's first ten found" for share in (90, 95)]
    for axes in figure.axes:
        texts = {text.get_text() for text in axes.texts if text.get_text()}
        assert texts == {"ehi .75", "ivf .50", "hnsw .25", "exact 1.00"}


def test_sizes_are_the_ticks_of_a_logarithmic_axis(tmp_path: Path):
    figure = growth_figure(growth_of(write_sizes(tmp_path)), AXES[2], COLUMN)
    axes = figure.axes[0]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    ticks = [label.get_text() for label in axes.get_xticklabels()]
    assert ticks == ["10,000", "100,000", "1,000,000"]
    assert axes.get_ylabel() == "median latency of a query\n(µs, one thread)"


def test_points_are_the_costs_and_a_bound_is_hollow(tmp_path: Path):
    small = write_size(tmp_path / "small", 10_000, {"ivf": 0.5}, {0.97: 1.0})
    large = write_size(tmp_path / "large", 1_000_000, {"ivf": 0.5})
    axes = growth_figure(growth_of([small, large]), AXES[0], COLUMN).axes[0]
    points = {
        line.get_xdata()[0]: line
        for line in axes.lines
        if len(line.get_xdata()) == 1 and line.get_marker() == "s" and line.get_xdata()[0] > 1
    }
    assert points[10_000].get_ydata()[0] == pytest.approx(100)
    assert points[1_000_000].get_ydata()[0] == pytest.approx(1000)
    assert points[10_000].get_markerfacecolor() == LIGHT.ground
    assert points[1_000_000].get_markerfacecolor() != LIGHT.ground


def test_what_never_finds_a_share_is_not_drawn(tmp_path: Path):
    folders = [
        write_size(tmp_path / str(size), size, {"ivf": 0.5}, {0.8: 1.0, 0.92: 2.0})
        for size in (100, 10_000)
    ]
    first, second = growth_figure(growth_of(folders), AXES[0], COLUMN).axes
    assert "ivf .50" in {text.get_text() for text in first.texts}
    assert {text.get_text() for text in second.texts} - {""} == {"exact 1.00"}
