import numpy as np
import pytest
from scipy import stats

from harness.measure import significance
from harness.measure.significance import bootstrap_interval, holm, paired_randomisation


def p_of(differences: list[float], seed: int = 0) -> float:
    return paired_randomisation(np.array(differences), np.zeros(len(differences)), seed)


def scipys_p(a: np.ndarray, b: np.ndarray, rounds: int) -> float:
    def difference(first: np.ndarray, second: np.ndarray, axis: int) -> np.ndarray:
        return (first - second).mean(axis=axis)

    test = stats.permutation_test(
        (a, b), difference, permutation_type="samples", n_resamples=rounds, rng=1
    )
    return float(test.pvalue)


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        ([0.3], 1),  # a single difference is never significant
        ([0.1, 0.2], 2 / 4),  # only +3 and -3 are as far from 0 as +3
        ([0.1, 0.2, 0.3], 2 / 8),
        ([0.1, 0.2, -0.3], 8 / 8),
        ([1.0] * 4 + [-1.0], 12 / 32),  # sums of +-5 (2 ways) and +-3 (10 ways)
        ([-1.0] * 4 + [1.0], 12 / 32),
    ],
)
def test_p_of_few_differences_is_the_one_computed_by_hand(differences: list[float], p: float):
    assert p_of(differences) == pytest.approx(p)


def test_queries_without_a_difference_do_not_change_p():
    assert p_of([0.0] * 50 + [0.1, 0.2, 0.3]) == p_of([0.1, 0.2, 0.3])
    assert p_of([0.0] * 50) == 1


def test_sums_that_differ_only_by_rounding_are_ties():
    assert p_of([0.1] * 3 + [-0.3]) == 1  # 0.1 + 0.1 + 0.1 - 0.3 is not 0 in floating point
    assert p_of([0.1] * 30 + [-0.3] * 10) == 1
    assert p_of([0.1 + 0.2 - 0.3] * 20) == 1


def test_values_saved_with_nine_digits_tie_if_their_fractions_do():
    sixth, again = 0.5 - 0.333333333, 0.333333333 - 0.166666667
    assert sixth != again
    assert p_of([sixth, sixth, -again]) == 1  # the smallest sum of three sixths is one sixth


def test_p_of_few_pairs_equals_that_of_scipy():
    random = np.random.default_rng(3)
    a, b = random.random(10), random.random(10) * 0.7
    assert paired_randomisation(a, b, 0) == pytest.approx(scipys_p(a, b, 10_000))


def test_p_of_many_pairs_is_close_to_that_of_scipy():
    random = np.random.default_rng(4)
    a = random.random(200)
    b = a - random.normal(0.02, 0.15, 200)
    ours, theirs = paired_randomisation(a, b, 0, 20_000), scipys_p(a, b, 20_000)
    assert 0.01 < theirs < 0.2
    assert ours == pytest.approx(theirs, abs=6 * np.sqrt(theirs / 20_000))


def test_p_is_symmetric_and_depends_on_the_seed_alone():
    random = np.random.default_rng(5)
    a, b = random.random(100), random.random(100)
    assert paired_randomisation(a, b, 7) == paired_randomisation(b, a, 7)
    assert paired_randomisation(a, b, 7) == paired_randomisation(a, b, 7)
    assert paired_randomisation(a, b, 7) != paired_randomisation(a, b, 8)


def test_p_is_at_least_one_over_the_number_of_rounds():
    assert paired_randomisation(np.ones(40), np.zeros(40), 0, rounds=99) == 1 / 100


def test_more_rounds_are_drawn_only_while_few_are_extreme():
    values, zeros = np.random.default_rng(12).normal(0.1, 1, 100), np.zeros(100)
    assert paired_randomisation(values, zeros, 0) > 0.01
    assert paired_randomisation(values, zeros, 0, 1_000_000) == paired_randomisation(
        values, zeros, 0
    )
    assert paired_randomisation(zeros + 1, zeros, 0, 50_000) == 1 / 50_001


def test_a_small_p_from_many_rounds_is_close_to_that_of_a_t_test():
    values = np.random.default_rng(13).normal(0.25, 1, 300)
    expected = stats.ttest_1samp(values, 0).pvalue
    assert 1e-5 < expected < 1e-4
    p = paired_randomisation(values, np.zeros(300), 0, 400_000)
    assert expected / 2 < p < expected * 2


def test_smaller_chunks_change_results_by_no_more_than_chance(monkeypatch: pytest.MonkeyPatch):
    values = np.random.default_rng(6).normal(0.1, 1, 30)
    whole = paired_randomisation(values, np.zeros(30), 0), bootstrap_interval(values, 0)
    monkeypatch.setattr(significance, "CHUNK", 2_000)
    pieces = paired_randomisation(values, np.zeros(30), 0), bootstrap_interval(values, 0)
    assert pieces[0] == pytest.approx(whole[0], abs=0.03)
    assert pieces[1] == pytest.approx(whole[1], abs=0.03)


def test_without_an_effect_one_p_in_twenty_is_below_05():
    random = np.random.default_rng(8)
    pairs = random.random((1_000, 2, 30))
    below = sum(paired_randomisation(a, b, i, 199) <= 0.05 for i, (a, b) in enumerate(pairs))
    low, high = stats.binom.interval(0.999, 1_000, 0.05)
    assert low <= below <= high


def test_to_stop_early_does_not_make_small_ps_more_frequent(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(significance, "FIRST_ROUNDS", 199)
    random = np.random.default_rng(14)
    pairs = random.random((2_000, 2, 30))
    ps = np.array([paired_randomisation(a, b, i, 1_999) for i, (a, b) in enumerate(pairs)])
    for level in (0.01, 0.05):
        assert (ps <= level).sum() <= stats.binom.ppf(0.999, len(ps), level)


@pytest.mark.parametrize(
    ("ps", "adjusted"),
    [
        ([], []),
        ([0.03], [0.03]),
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),  # the 2nd may not fall below the 3rd
        ([0.6, 0.5], [1, 1]),
        ([0.02, 0.02], [0.04, 0.04]),
    ],
)
def test_holms_adjustment_is_the_one_computed_by_hand(ps: list[float], adjusted: list[float]):
    assert holm(ps) == pytest.approx(adjusted)


def test_an_interval_is_close_to_that_of_scipy():
    values = np.random.default_rng(9).beta(2, 1, 300)
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="percentile", rng=1
    ).confidence_interval
    error = values.std() / np.sqrt(300)
    assert bootstrap_interval(values, 0, 20_000) == pytest.approx(tuple(theirs), abs=error / 15)


def test_an_interval_widens_with_confidence_and_is_a_point_without_spread():
    values = np.random.default_rng(10).random(50)
    low, high = bootstrap_interval(values, 0, confidence=0.5)
    lower, higher = bootstrap_interval(values, 0, confidence=0.99)
    assert lower < low < values.mean() < high < higher
    assert bootstrap_interval(np.full(5, 0.25), 0) == (0.25, 0.25)


def test_95_in_100_intervals_contain_the_mean():
    samples = np.random.default_rng(11).random((600, 80))
    containing = 0
    for i, values in enumerate(samples):
        low, high = bootstrap_interval(values, i, 400)
        containing += low <= 0.5 <= high
    # Percentile intervals of 80 values are a little too narrow: 93 to 95 in 100 contain the mean.
    low, high = stats.binom.interval(0.999, 600, 0.94)
    assert low <= containing <= high
