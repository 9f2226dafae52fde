from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from harness.report.figures.curves import quality_against_cost, recall_against_throughput
from harness.report.numbers import Spread
from harness.report.rows.frontier import AXES
from harness.report.rows.summary import Row
from tests.harness.report.fake_run import row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

VISITED, _, LATENCY = AXES
EXACT = row("exact", None, 0.8)
ROWS = [row("ehi", 0.05, 0.75), row("ehi", 0.01, 0.7), row("ivf", 0.05, 0.6), EXACT]


def drawn(axes: "Axes") -> dict[str, list[list[float]]]:
    """Return the points of every line by its label."""
    return {str(line.get_label()): line.get_xydata().tolist() for line in axes.lines}


def fast(row_: Row, queries_per_second: float, overlap: float) -> Row:
    spreads: Any = {
        "queries_per_second": Spread(queries_per_second, None),
        "overlap": Spread(overlap, None),
    }
    return replace(row_, **spreads)


def test_every_method_is_a_curve_in_order_of_cost():
    (axes,) = quality_against_cost(ROWS, "nDCG@10", VISITED).axes
    assert drawn(axes)["ehi"] == [[1, 0.7], [5, 0.75]]
    assert drawn(axes)["ivf"] == [[5, 0.6]]


def test_exact_search_is_a_line_and_a_point_only_where_its_cost_is_measured():
    (axes,) = quality_against_cost(ROWS, "nDCG@10", VISITED).axes
    assert drawn(axes)["exact search"] == [[0, 0.8], [1, 0.8]]  # in shares of the width
    assert [100, 0.8] not in [point for line in drawn(axes).values() for point in line]
    timed = [replace(each, latency_p50_ms=Spread(2.5, None)) for each in ROWS]
    (axes,) = quality_against_cost(timed, "nDCG@10", LATENCY).axes
    assert [2.5, 0.8] in [point for line in drawn(axes).values() for point in line]


def test_the_frontier_has_neither_dominated_points_nor_exact_search():
    (axes,) = quality_against_cost(ROWS, "nDCG@10", VISITED).axes
    assert drawn(axes)["Pareto frontier"] == [[1, 0.7], [5, 0.75]]


def test_settings_of_one_method_share_its_colour_and_differ_in_dashes():
    rows = [row("ehi", 0.05, 0.7, label=label) for label in ("ehi lists=8", "ehi lists=16")]
    (axes,) = quality_against_cost(rows, "nDCG@10", VISITED).axes
    first, second = (line for line in axes.lines if str(line.get_label()).startswith("ehi"))
    assert first.get_color() == second.get_color()
    # A line of one point has no visible dashes, but its style is set all the same.
    assert first.get_linestyle() != second.get_linestyle()


@pytest.mark.parametrize(
    ("seeds", "words"), [((0,), "one seed, 95 % bootstrap interval"), ((0, 1), "over 2 seeds")]
)
def test_the_title_says_what_the_bands_are(seeds: tuple[int, ...], words: str):
    (axes,) = quality_against_cost([row("ehi", 0.05, 0.7, seeds=seeds)], "nDCG@10", VISITED).axes
    assert words in axes.get_title(loc="left") + axes.get_title()


def test_throughput_is_drawn_in_order_of_overlap_without_exact_search():
    ehi = [fast(row("ehi", 0.05, 0.7), 1000, 0.9), fast(row("ehi", 0.01, 0.6), 4000, 0.7)]
    figure = recall_against_throughput([*ehi, fast(EXACT, 100, 1.0)], [])
    (axes,) = figure.axes
    assert drawn(axes) == {"ehi": [[0.7, 4000], [0.9, 1000]]}
    assert axes.get_yscale() == "log"


def test_recall_has_a_panel_of_its_own_if_it_was_measured():
    ehi = fast(row("ehi", 0.05, 0.7), 1000, 0.9)
    recall = replace(ehi, metrics={"R@100": Spread(0.85, None)})
    overlaps, recalls = recall_against_throughput([ehi], [recall]).axes
    assert drawn(overlaps) == {"ehi": [[0.9, 1000]]}
    assert drawn(recalls) == {"ehi": [[0.85, 1000]]}
