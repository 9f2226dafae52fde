"""Leaders of made-up budgets, and how often one of several equal methods is called the leader."""

import numpy as np
import pytest

from harness.measure.budget import Budget
from harness.report.rows.leaders import find_leaders
from harness.report.rows.summary import Row
from tests.harness.report.fake_run import row

MEASURE = "nDCG@10"


def rows_at(budget: float, values: np.ndarray) -> list[Row]:
    """Return one row per method from values (methods, seeds, queries)."""
    return [
        row(
            f"m{method}",
            budget,
            float(of_method.mean()),
            seeds=tuple(range(len(of_method))),
            per_seed={
                seed: {f"q{i}": float(value) for i, value in enumerate(of_seed)}
                for seed, of_seed in enumerate(of_method)
            },
        )
        for method, of_method in enumerate(values)
    ]


def equal_methods(random: np.random.Generator, methods: int, spread: float) -> np.ndarray:
    """Return values (methods, 3, 60) of equal methods, of which the later ones vary more."""
    scales = np.linspace(1, spread, methods)[:, None, None]
    of_seeds = 0.01 * random.normal(size=(methods, 3, 1))
    of_queries = 0.1 * random.normal(size=(methods, 1, 60))
    return 0.5 + scales * (of_seeds + of_queries + 0.05 * random.normal(size=(methods, 3, 60)))


def test_the_first_leads_if_it_is_better_than_all_others():
    rows = [*(row(name, 0.1, mean) for name, mean in (("a", 0.5), ("b", 0.8), ("c", 0.6)))]
    (leader,) = find_leaders(rows, MEASURE)
    assert (leader.first.label, leader.second.label) == ("b", "c")
    assert leader.lead == pytest.approx(0.2) and leader.is_shown


def test_it_does_not_lead_if_a_noisy_third_may_be_better():
    random = np.random.default_rng(0)
    steady = 0.5 + 0.01 * random.normal(size=(2, 3, 60)) + [[[0.02]], [[0.0]]]
    noisy = np.repeat(0.4 * random.normal(size=(1, 1, 60)), 3, axis=1)  # the same for every seed
    rows = rows_at(0.1, np.concatenate([steady, noisy - noisy.mean() + 0.47]))
    (leader,) = find_leaders(rows, MEASURE)
    assert (leader.first.label, leader.second.label) == ("m0", "m1")
    assert find_leaders(rows[:2], MEASURE)[0].is_shown
    assert leader.p > 0.2 and not leader.is_shown


def test_p_is_corrected_for_the_number_of_budgets():
    random = np.random.default_rng(1)
    values = 0.5 + 0.1 * random.normal(size=(2, 3, 60)) + [[[0.02]], [[0.0]]]
    (alone,) = find_leaders(rows_at(0.1, values), MEASURE)
    two = find_leaders([*rows_at(0.1, values), *rows_at(0.2, values)], MEASURE)
    assert [leader.first.budget.limit for leader in two] == [0.1, 0.2]
    assert [leader.p for leader in two] == pytest.approx([2 * alone.p] * 2)


def test_a_budget_needs_two_rows_with_the_same_seeds_and_queries():
    fewer_seeds = [row("a", 0.1, 0.5, seeds=(0, 1)), row("b", 0.1, 0.4)]
    other_queries = [row("a", 0.2, 0.5), row("b", 0.2, 0.4, per_seed={0: {"other": 0.4}})]
    alone = [row("a", 0.3, 0.5), row("exact", None, 0.9), row("bm25", None, 0.3)]
    assert find_leaders([*fewer_seeds, *other_queries, *alone], MEASURE) == []
    assert alone[1].budget == Budget("visited", None)


@pytest.mark.parametrize(("methods", "spread"), [(2, 1.0), (3, 1.0), (3, 3.0), (9, 1.0), (9, 3.0)])
def test_of_equal_methods_one_is_called_the_leader_in_at_most_one_of_twenty(
    methods: int, spread: float
):
    random = np.random.default_rng(methods)
    leaders = 0
    for _ in range(300):
        rows = rows_at(0.1, equal_methods(random, methods, spread))
        leaders += find_leaders(rows, MEASURE)[0].is_shown
    assert leaders / 300 <= 0.06
