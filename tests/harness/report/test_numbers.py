import pytest

from harness.report.numbers import (
    Spread,
    exponent,
    percent,
    probability,
    short,
    spread,
    with_deviation,
)


def test_a_spread_is_the_mean_and_the_sample_standard_deviation():
    assert spread([1.0, 2.0, 3.0]) == Spread(2.0, 1.0)


def test_one_value_has_no_deviation():
    assert spread([0.5]) == Spread(0.5, None)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.7534, ".753"), (-0.02, "-.020"), (1.0, "1.000"), (10.05, "10.050"), (0.9999, "1.000")],
)
def test_short_has_three_digits_and_no_leading_zero(value: float, text: str):
    assert short(value) == text


def test_short_shows_a_plus_on_request():
    assert short(0.25, "+") == "+.250"


def test_a_deviation_follows_its_mean():
    assert with_deviation(Spread(0.75, 0.002)) == ".750 ± .002"
    assert with_deviation(Spread(0.75, None)) == ".750"


def test_a_p_below_a_thousandth_is_a_bound():
    assert probability(0.0009) == "p<.001"
    assert probability(0.001) == "p=.001"
    assert probability(1.0) == "p=1.000"


def test_percent_has_two_digits_and_is_empty_for_what_is_unknown():
    assert percent(0.0123) == "1.23"
    assert percent(None) == ""


def test_an_exponent_has_two_digits_and_is_empty_for_what_is_unknown():
    assert [exponent(value) for value in (0.481, 0.999, 1.06, -0.02, None)] == [
        *(".48", "1.00", "1.06", "-.02", ""),
    ]
