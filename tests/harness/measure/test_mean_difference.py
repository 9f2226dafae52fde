"""The two-way test by hand, and how often it errs on simulated methods that are equal."""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats

from harness.measure.mean_difference import (
    LEVEL,
    MARGIN,
    MeanDifference,
    estimate,
    with_common_seed_variance,
)
from harness.measure.significance import Values, holm

QUERIES = 300
SHARE_OF_REST = 0.3
"""Of the variance that does not come from seeds, the part of the interaction with queries."""


def simulate(
    random: np.random.Generator, share: float, seeds: int = 3, methods: int = 1, mean: float = 0.0
) -> Values:
    """Return differences (methods, seeds, queries) whose mean has a standard error of 0.01.

    `share` of the variance of this mean comes from the seeds.
    """
    of_seeds = random.normal(0, np.sqrt(share * seeds), (methods, seeds, 1))
    others = np.sqrt((1 - share) * QUERIES)
    of_queries = random.normal(0, others * np.sqrt(1 - SHARE_OF_REST), (methods, 1, QUERIES))
    rest = random.normal(0, others * np.sqrt(SHARE_OF_REST * seeds), (methods, seeds, QUERIES))
    differences: Values = mean + 0.01 * (of_seeds + of_queries + rest)
    return differences


def rate(share: float, seeds: int, level: float = LEVEL, mean: float = 0.0) -> float:
    """Return how often 2,000 simulated comparisons have a p below the level."""
    differences = simulate(np.random.default_rng(0), share, seeds, 2_000, mean)
    return float(np.mean([estimate(each).p < level for each in differences]))


def test_the_error_of_three_seeds_and_four_queries_is_the_one_computed_by_hand():
    # Means of seeds .1, .2, .3; of queries 0, .1, .3, .4; no rest.
    differences = np.array([[-0.1, 0.0, 0.2, 0.3], [0.0, 0.1, 0.3, 0.4], [0.1, 0.2, 0.4, 0.5]])
    found = estimate(differences)
    assert found.mean == pytest.approx(0.2)
    assert found.between_seeds == pytest.approx(0.01)
    assert found.between_queries == pytest.approx(0.1 / 3)
    assert found.rest == pytest.approx(0)
    variance = 0.01 / 3 + 0.1 / 12
    assert found.error == pytest.approx(np.sqrt(variance))
    assert found.degrees == pytest.approx(variance**2 / ((0.01 / 3) ** 2 / 2 + (0.1 / 12) ** 2 / 3))


def test_the_interval_of_one_seed_is_that_of_the_paired_t_test():
    differences = np.array([[0.1, -0.2, 0.3, 0.0, 0.2, 0.1]])
    expected = stats.ttest_1samp(differences[0], 0).confidence_interval(0.95)
    assert estimate(differences).interval == pytest.approx((expected.low, expected.high))


def test_the_variance_is_unbiased():
    found = [estimate(each) for each in simulate(np.random.default_rng(1), 0.5, 3, 2_000)]
    assert np.mean([each.error**2 for each in found]) == pytest.approx(0.01**2, rel=0.05)


def test_with_one_seed_it_is_the_paired_t_test_over_queries():
    ours, theirs = np.random.default_rng(2).random((2, QUERIES))
    expected = stats.ttest_rel(ours, theirs)
    found = estimate((ours - theirs)[None])
    assert found.p == pytest.approx(expected.pvalue)
    assert found.degrees == QUERIES - 1


def test_seeds_that_agree_are_not_more_queries():
    one = np.random.default_rng(3).normal(0.01, 0.1, (1, QUERIES))
    assert estimate(np.repeat(one, 3, axis=0)).p == pytest.approx(estimate(one).p)


def test_a_difference_that_only_one_seed_has_is_not_shown():
    differences = np.random.default_rng(4).normal(0, 0.1, (3, QUERIES))
    differences[0] += 0.2
    assert estimate(differences).p > 0.2
    over_queries = stats.ttest_1samp(differences.mean(axis=0), 0)
    assert over_queries.pvalue < 1e-6, "over the queries alone it would be shown"


def test_no_number_of_comparisons_is_beyond_reach():
    differences = np.random.default_rng(5).normal(0.1, 0.1, (3, QUERIES))
    assert estimate(differences).p < 1e-9


def test_a_few_queries_that_agree_are_no_more_than_their_signs():
    assert estimate(np.full((1, 5), 1.0)).p == 2 / 2**5
    assert estimate(np.array([[1.0, 1, 1, 0, 0, 0, 0, 0, 0, 0]])).p == 2 / 2**3
    assert estimate(np.full((3, 1), 1.0)).p == 1, "one query"
    assert estimate(np.zeros((3, 40))).p == 1


def test_equality_needs_enough_queries_even_if_no_query_differs():
    assert estimate(np.zeros((3, 60))).p_equal > LEVEL
    assert estimate(np.zeros((3, 600))).p_equal < LEVEL


def test_nothing_smaller_than_one_query_is_detectable():
    assert estimate(np.zeros((3, 40))).detectable(0.05) == 1 / 40


def test_equality_is_two_one_sided_tests():
    values = np.random.default_rng(6).normal(0.001, 0.1, QUERIES)
    above = stats.ttest_1samp(values, -MARGIN, alternative="greater").pvalue
    below = stats.ttest_1samp(values, MARGIN, alternative="less").pvalue
    assert estimate(values[None]).p_equal == pytest.approx(max(above, below))
    assert estimate(-values[None]).p_equal == pytest.approx(max(above, below))


def test_a_difference_of_the_margin_passes_for_equal_once_in_twenty():
    random = np.random.default_rng(7)
    samples = random.normal(MARGIN, 0.06, (1_000, 1, 4_000))
    passed = np.mean([estimate(each).p_equal < LEVEL for each in samples])
    assert 0.035 < passed < 0.065


@pytest.mark.parametrize("level", [0.05, 0.001])
def test_a_detectable_difference_is_found_four_times_in_five(level: float):
    (sample,) = simulate(np.random.default_rng(8), share=0.0, seeds=1)
    found = estimate(sample)
    in_errors = found.detectable(level) / found.error
    assert rate(0.0, 1, level, mean=in_errors * 0.01) == pytest.approx(0.8, abs=0.03)


def test_a_detectable_difference_is_larger_with_fewer_seeds_and_at_a_stricter_level():
    three, five = (MeanDifference(0.1, seeds, 300, 0.001, 0.1, 0.05, 300) for seeds in (3, 5))
    assert five.detectable(0.05) < three.detectable(0.05) < three.detectable(0.001)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 0.5])
def test_equal_methods_differ_in_at_most_six_of_a_hundred_comparisons(share: float):
    assert 0.02 < rate(share, seeds=3) <= 0.06


@pytest.mark.parametrize("share", [0.75, 0.9])
def test_if_nearly_all_variation_comes_from_three_seeds_a_single_comparison_errs_more(
    share: float,
):
    assert rate(share, seeds=3) <= 0.09
    assert rate(share, seeds=5) <= 0.065


def test_two_seeds_are_too_few_if_nearly_all_variation_comes_from_them():
    assert 0.1 < rate(0.9, seeds=2) < 0.15


def false_claims(share: float, corrected: bool) -> float:
    """Return how many of 300 families of 32 equal methods have a significant difference."""
    random = np.random.default_rng(9)
    families = 0
    for _ in range(300):
        estimates: Sequence[MeanDifference] = [
            estimate(each) for each in simulate(random, share, 3, 32)
        ]
        if corrected:
            estimates = with_common_seed_variance(estimates)
        families += min(holm([each.p for each in estimates])) < LEVEL
    return families / 300


@pytest.mark.parametrize("share", [0.1, 0.5, 0.85])
def test_a_family_of_equal_methods_has_a_false_claim_in_at_most_one_of_twenty(share: float):
    assert false_claims(share, corrected=True) <= 0.05


def test_without_the_common_variance_of_seeds_a_family_has_many_false_claims():
    assert false_claims(0.85, corrected=False) > 0.35


def test_the_common_variance_is_the_median_and_leaves_larger_ones_and_single_seeds():
    def with_variance(between_seeds: float, seeds: int = 3) -> MeanDifference:
        return MeanDifference(0.1, seeds, 9, between_seeds, 0.5, 0.1, 9)

    family = [with_variance(v) for v in (0.01, 0.04, 0.09)] + [with_variance(0.0, seeds=1)]
    found = [each.between_seeds for each in with_common_seed_variance(family)]
    assert found == [0.04, 0.04, 0.09, 0.0]
    assert with_common_seed_variance(family[3:]) == family[3:]
    assert with_common_seed_variance([]) == []
