from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from harness.report.figures.curves import FIGURE_AXES, quality_against_cost, throughput
from harness.report.figures.style import CANVASES
from harness.report.numbers import Spread
from harness.report.rows.summary import Row
from tests.harness.report.fake_run import row

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

VISITED, _, LATENCY = FIGURE_AXES
COLUMN, WIDE, *_ = CANVASES
EXACT = row("exact", None, 0.8)
ROWS = [row("ehi", 0.05, 0.75), row("ehi", 0.01, 0.7), row("ivf", 0.05, 0.6), EXACT]


def figure_of(*rows: Row) -> "Figure":
    return quality_against_cost({"nDCG@10": rows}, VISITED, COLUMN)


def drawn(axes: "Axes") -> dict[str, list[list[float]]]:
    """Return the points of every line by its label, to three digits."""
    return {
        str(line.get_label()): [[round(x, 3) for x in point] for point in line.get_xydata()]
        for line in axes.lines
    }


def fast(row_: Row, queries_per_second: float, overlap: float) -> Row:
    spreads: Any = {
        "queries_per_second": Spread(queries_per_second, None),
        "overlap": Spread(overlap, None),
    }
    return replace(row_, **spreads)


def test_the_difference_from_exact_search_is_drawn_by_the_logarithm_of_the_cost():
    (axes,) = figure_of(*ROWS).axes
    assert drawn(axes)["ehi"] == [[1, -0.1], [5, -0.05]]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "symlog")
    assert axes.get_ylabel() == "nDCG@10 less that of\nexact search (.800)"


def test_the_difference_is_from_the_best_exact_search_whatever_its_encoder():
    (axes,) = figure_of(*ROWS, row("ehi-encoder+exact", None, 0.85)).axes
    assert drawn(axes)["ehi"] == [[1, -0.15], [5, -0.1]]
    assert drawn(axes)["exact (.800)"] == [[0, -0.05], [1, -0.05]]  # in shares of the width
    assert "ehi-encoder+exact, .850" in axes.get_ylabel()


def test_what_finds_more_than_exact_search_is_above_zero():
    (axes,) = figure_of(EXACT, row("ehi", 0.05, 0.82)).axes
    assert drawn(axes)["ehi"] == [[5, 0.02]]
    assert axes.get_ylim()[1] > 0.02
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "0", "+.002", "+.005", "+.01", "+.02",
    ]  # fmt: skip


def test_without_exact_search_quality_is_drawn_as_it_is():
    (axes,) = figure_of(*ROWS[:3]).axes
    assert drawn(axes)["ehi"] == [[1, 0.7], [5, 0.75]]
    assert (axes.get_yscale(), axes.get_ylabel()) == ("linear", "nDCG@10")


def test_only_pareto_points_are_joined():
    dearer_and_worse = row("ehi", 0.03, 0.6)
    (axes,) = figure_of(*ROWS, dearer_and_worse).axes
    assert drawn(axes)["ehi"] == [[1, -0.1], [5, -0.05]]


def test_the_frontier_of_all_has_no_point_that_another_method_beats():
    (axes,) = figure_of(*ROWS, row("hnsw", 0.04, 0.77)).axes
    assert drawn(axes)["frontier of all"] == [[1, -0.1], [4, -0.03]]


def test_named_methods_have_labels_at_their_ends_and_others_are_faint():
    (axes,) = figure_of(*ROWS, row("ngt", 0.05, 0.74), row("scann", 0.05, 0.73)).axes
    texts = [text.get_text() for text in axes.texts if text.get_text()]
    assert texts == ["ehi", "ivf", "scann", "exact (.800)"]  # ngt is beaten everywhere
    assert axes.get_legend() is None
    assert [line.get_alpha() for line in axes.lines].count(0.3) == 2  # ngt and the frontier


def test_methods_that_all_lose_too_much_are_drawn_all_the_same():
    (axes,) = figure_of(EXACT, row("theirs", 0.05, 0.3)).axes
    assert axes.get_ylim()[0] < -0.5


def test_settings_of_one_method_share_its_colour_and_differ_in_dashes():
    rows = [row("ehi", 0.05, 0.7, label=label) for label in ("ehi lists=8", "ehi lists=16")]
    (axes,) = figure_of(*rows).axes
    first, second = (line for line in axes.lines if str(line.get_label()).startswith("ehi"))
    assert first.get_color() == second.get_color()
    # A line of one point has no visible dashes, but its style is set all the same.
    assert first.get_linestyle() != second.get_linestyle()


@pytest.mark.parametrize(
    ("seeds", "words"), [((0,), "95 % bootstrap over queries"), ((0, 1), "deviation, 2 seeds")]
)
def test_the_title_says_what_the_bars_are(seeds: tuple[int, ...], words: str):
    assert words in figure_of(row("ehi", 0.05, 0.7, seeds=seeds)).get_suptitle()


def test_the_title_counts_the_seeds_of_what_is_drawn_with_bars():
    exact, other_kind = (
        row("exact", None, 0.8, seeds=(0, 1, 2)),
        row("ehi", 0.05, 0.7, "macs", seeds=(0, 1)),
    )
    own = row("ehi", 0.05, 0.7)
    assert "Bars: 95 % bootstrap over queries." in figure_of(exact, own, other_kind).get_suptitle()
    several = row("ivf", 0.05, 0.6, seeds=(0, 1, 2))
    title = figure_of(exact, own, several).get_suptitle()
    assert "deviation, 3 seeds;\nwith one seed, 95 % bootstrap over queries." in title


def test_measures_are_panels_below_each_other_in_a_column_and_side_by_side_on_two():
    both = {measure: [replace(r, metrics={measure: r.metrics["nDCG@10"]}) for r in ROWS]
            for measure in ("nDCG@10", "R@10")}  # fmt: skip
    narrow, wide = (quality_against_cost(both, VISITED, each) for each in (COLUMN, WIDE))
    assert narrow.get_size_inches().tolist() == [3.35, 5.2]
    assert wide.get_size_inches().tolist() == [6.9, 2.6]


def test_latency_is_in_microseconds():
    timed = [replace(each, latency_p50_ms=Spread(0.05, None)) for each in ROWS]
    (axes,) = quality_against_cost({"nDCG@10": timed}, LATENCY, COLUMN).axes
    assert drawn(axes)["ivf"] == [[50, -0.2]]
    assert axes.get_xlabel() == "median latency of a query (µs, one thread)"


@pytest.mark.parametrize(("speed", "words"), [(300, "300"), (30_000, "30,000")])
def test_long_numbers_of_queries_per_second_do_not_overlap(speed: float, words: str):
    ends = [fast(row("ehi", budget, 0.7), per_second, 0.9)
            for budget, per_second in ((0.05, speed / 1.4), (0.01, 3.4 * speed))]  # fmt: skip
    (axes,) = throughput(ends, COLUMN).axes
    labels = axes.xaxis.get_major_formatter().format_ticks(axes.get_xticks())
    assert (words in labels) == (speed < 10_000)


def test_throughput_is_a_frontier_of_queries_per_second_without_exact_search():
    ehi = [fast(row("ehi", 0.05, 0.7), 1000, 0.9), fast(row("ehi", 0.01, 0.6), 4000, 0.7)]
    slow_and_worse = fast(row("ehi", 0.03, 0.6), 900, 0.8)
    (axes,) = throughput([*ehi, slow_and_worse, fast(EXACT, 100, 1.0)], COLUMN).axes
    assert drawn(axes)["ehi"] == [[4000, -0.3], [1000, -0.1]]
    assert drawn(axes)["frontier of all"] == [[4000, -0.3], [1000, -0.1]]
