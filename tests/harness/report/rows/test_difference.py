from collections.abc import Sequence

import numpy as np
import pytest

from harness.measure.mean_difference import MeanDifference, estimate
from harness.report.rows.difference import (
    Conclusion,
    Difference,
    describe_tests,
    differences_of_family,
    estimate_difference,
)
from harness.report.rows.summary import Row
from tests.harness.report.fake_run import row

SEEDS, QUERIES = (0, 1, 2), 500


def measured(method: str, values: np.ndarray) -> Row:
    """Return a row with the values (seeds, queries)."""
    per_seed = {
        seed: {f"q{i}": float(value) for i, value in enumerate(of_seed)}
        for seed, of_seed in enumerate(values)
    }
    return row(method, 0.1, float(values.mean()), seeds=tuple(per_seed), per_seed=per_seed)


def conclusions(estimates: Sequence[MeanDifference]) -> list[str]:
    return [difference.conclusion for difference in differences_of_family(estimates)]


def noise(mean: float, deviation: float) -> MeanDifference:
    """Return the estimate of differences (3, 500) that have exactly this mean."""
    drawn = np.random.default_rng(1).normal(0, deviation, (3, QUERIES))
    return estimate(drawn - drawn.mean() + mean)


def test_seeds_and_queries_are_paired_by_name():
    ours, theirs = np.random.default_rng(0).random((2, 3, QUERIES))
    ehi, ivf = measured("ehi", ours), measured("ivf", theirs)
    backwards = {
        seed: dict(reversed(values.items())) for seed, values in reversed(ivf.per_seed.items())
    }
    shuffled = row("ivf", 0.1, 0.5, seeds=SEEDS, per_seed=backwards)
    assert estimate_difference(ehi, ivf) == estimate(ours - theirs)
    assert estimate_difference(ehi, shuffled) == estimate(ours - theirs)


def test_there_are_four_verdicts():
    assert conclusions([noise(0.05, 0.1)]) == ["better"]
    assert conclusions([noise(-0.05, 0.1)]) == ["worse"]
    assert conclusions([noise(0.0, 0.01)]) == ["equal within .005"]
    assert conclusions([noise(0.0, 0.3)]) == ["cannot tell"]


def test_a_difference_that_is_not_significant_is_not_equality():
    (difference,) = differences_of_family([noise(0.004, 0.2)])
    assert difference.p > 0.05 and difference.conclusion == Conclusion.UNKNOWN


def test_a_difference_that_is_shown_counts_even_within_the_margin():
    (difference,) = differences_of_family([noise(0.001, 0.01)])
    assert difference.p_equal < 0.05 and difference.conclusion == Conclusion.BETTER


def test_holm_corrects_differences_and_equality_apart():
    random = np.random.default_rng(2)
    one, other = (
        estimate(random.normal(mean, deviation, (1, QUERIES)))  # one seed: no common variance
        for mean, deviation in ((0.03, 0.2), (0.0, 0.03))
    )
    first, second = differences_of_family([one, other])
    assert first.p == pytest.approx(2 * one.p) and second.p == pytest.approx(other.p)
    assert second.p_equal == pytest.approx(2 * other.p_equal)
    assert first.detectable == pytest.approx(one.detectable(0.025))


def test_a_family_has_a_common_variance_of_seeds():
    lucky, other = (
        MeanDifference(0.02, 3, QUERIES, between_seeds, 0.1, 0.05, QUERIES)
        for between_seeds in (0.0, 0.001)
    )
    assert differences_of_family([lucky])[0].p == lucky.p
    assert differences_of_family([lucky, other, other])[0].p > 3 * lucky.p


def test_the_reverse_is_seen_from_the_other_row():
    difference = Difference(-0.03, 0.01, 1.0, 0.02)
    assert difference.conclusion == Conclusion.WORSE
    assert difference.reversed == Difference(0.03, 0.01, 1.0, 0.02)
    assert difference.reversed.conclusion == Conclusion.BETTER


def test_a_caption_names_the_test_the_correction_and_what_was_detectable():
    several = row("ivf", 0.1, 0.5, seeds=SEEDS)
    assert describe_tests([several], 2) == (
        "Tested by a paired t test over queries and seeds (two-way random effects, Satterthwaite), "
        "Holm-corrected for 2 comparisons: better or worse if p < .05; equal within .005 if two "
        "one-sided tests show it; else cannot tell. Detectable: the difference that a test with "
        "this error finds in 80 % of all cases, at a level of 5 % / 2."
    )


def test_a_caption_says_where_there_is_one_seed():
    one, several = row("ivf", 0.1, 0.5), row("ehi", 0.1, 0.5, seeds=SEEDS)
    alone = describe_tests([one], 1)
    assert "over the queries alone, as there is one seed, Holm-corrected for 1 comparison:" in alone
    assert alone.endswith("at a level of 5 %.")
    assert "Satterthwaite), over the queries alone where there is one seed, Holm" in describe_tests(
        [one, several], 2
    )
