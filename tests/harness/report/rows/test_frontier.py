import pytest

from harness.report.numbers import Spread
from harness.report.rows.frontier import AXES, Reach, band, curves, on_axis, pareto, reach
from tests.harness.report.fake_run import row


def test_a_curve_is_ordered_by_cost_in_the_unit_of_its_axis():
    visited = AXES[0]
    unknown = row("bm25", None, 0.3, visited=None)
    (curve,) = curves([row("ivf", 0.2, 0.5), row("ivf", 0.05, 0.4), unknown], visited)
    assert curve.label == "ivf"
    assert [visited.cost(each) for each in curve.rows] == [5, 20]


def test_a_curve_has_the_rows_whose_budget_limits_its_cost():
    visited, macs, latency = AXES
    rows = [
        row("ivf", 0.2, 0.5),
        row("ivf", 0.1, 0.45, kind="macs"),
        row("exact", None, 0.6),
    ]
    assert [each.budget.limit for each in on_axis(rows, visited)] == [0.2, None]
    assert [each.budget.limit for each in on_axis(rows, macs)] == [0.1, None]
    assert on_axis(rows, latency) == rows, "no budget limits it"
    assert [len(curve.rows) for curve in curves(rows, macs)] == [1, 1]


def test_a_band_is_the_deviation_over_seeds_or_for_one_seed_the_interval_over_queries():
    several = row("ivf", 0.1, 0.5, metrics={"nDCG@10": Spread(0.5, 0.1)})
    assert band(several, "nDCG@10") == pytest.approx((0.4, 0.6))
    assert band(row("ivf", 0.1, 0.5), "nDCG@10") == (0.4, 0.7)


def test_the_pareto_front_has_the_points_that_no_cheaper_point_equals():
    points = [(3.0, 0.7), (1.0, 0.5), (2.0, 0.5), (4.0, 0.6), (1.0, 0.4)]
    assert pareto(points) == [1, 0]
    assert pareto([]) == []


def test_a_quality_is_reached_on_the_line_between_two_points():
    curve = [(1.0, 0.5), (3.0, 0.7), (9.0, 0.8)]
    assert reach(curve, 0.6) == Reach(pytest.approx(2.0))
    assert reach(curve, 0.7) == Reach(pytest.approx(3.0))


def test_a_quality_below_the_first_point_may_cost_less_and_one_above_all_is_not_reached():
    curve = [(1.0, 0.5), (3.0, 0.7)]
    assert reach(curve, 0.4) == Reach(1.0, at_most=True)
    assert reach(curve, 0.9) == Reach(None)


def test_a_dip_does_not_hide_an_earlier_crossing():
    assert reach([(1.0, 0.5), (2.0, 0.7), (3.0, 0.6), (4.0, 0.8)], 0.65).cost == pytest.approx(1.75)
