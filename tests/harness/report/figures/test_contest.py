import pytest

from harness.report.figures.contest import Scale


def test_quality_is_the_distance_to_the_top_and_at_least_the_floor():
    scale = Scale(0.8, floor=0.001, most=0.1)
    assert scale.height(0.75) == pytest.approx(0.05)
    assert scale.height(0.7999) == scale.height(0.9) == 0.001
    assert scale.least == pytest.approx(0.7)


def test_without_a_top_quality_is_as_it_is():
    assert Scale(None).height(0.75) == 0.75
    assert Scale(None).least == 0
