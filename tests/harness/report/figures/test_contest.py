import pytest

from harness.report.figures.contest import Scale


def test_quality_is_its_difference_from_that_of_exact_search_on_both_sides():
    scale = Scale(0.8, most=0.1)
    assert scale.height(0.75) == pytest.approx(-0.05)
    assert scale.height(0.81) == pytest.approx(0.01)
    assert scale.least == pytest.approx(0.7)


def test_ticks_are_zero_and_1_2_or_5_times_powers_of_ten_between_the_limits():
    assert Scale(0.8, linear=0.002).ticks(-0.021, 0.006) == pytest.approx(
        [-0.02, -0.01, -0.005, -0.002, 0, 0.002, 0.005]
    )


def test_without_a_zero_quality_is_as_it_is():
    assert Scale(None).height(0.75) == 0.75
    assert Scale(None).least == 0
