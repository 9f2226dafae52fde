"""The largest effort within a budget, and the smallest one that reaches a quality."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from harness.measure.budget import Budget, BudgetKind
from harness.measure.effort import CHECKS, SAMPLES, Effort, EffortSearch
from methods.errors import InputError


def search(
    efforts: range, amount: Callable[[int], float], *budgets: Budget
) -> tuple[EffortSearch, list[int]]:
    """Return a finished search, and the efforts that it took samples of."""
    finished, asked = EffortSearch(efforts, budgets), []
    while wanted := finished.wanted():
        for effort in wanted:
            finished.add(effort, amount(effort))
            asked.append(effort)
    return finished, asked


def find(efforts: range, amount: Callable[[int], float], budget: Budget) -> Effort:
    return search(efforts, amount, budget)[0].found(budget)


def lists(effort: int, routing: float = 0.0) -> float:
    """Return what ten equal lists spend: a tenth of the documents an effort, and the routing."""
    return round(effort / 10 + routing, 3)


@pytest.mark.parametrize(
    ("budget", "effort", "next_spent"),
    [(0.1, 1, 0.2), (0.29, 2, 0.3), (0.3, 3, 0.4), (1.0, 10, None)],
)
def test_the_largest_effort_within_the_budget(budget: float, effort: int, next_spent: float | None):
    assert find(range(1, 11), lists, Budget("visited", budget)) == Effort(effort, next_spent)


@pytest.mark.parametrize("kind", ["visited", "latency"])
@pytest.mark.parametrize("budget", np.linspace(0.1, 1, 46))
@pytest.mark.parametrize("efforts", [range(1, 11), range(1, 2), range(2, 11, 2)])
def test_no_effort_within_the_budget_is_larger(budget: float, efforts: range, kind: BudgetKind):
    if lists(efforts[0]) > budget:
        return
    found = find(efforts, lists, Budget(kind, budget))
    assert found.value == max(effort for effort in efforts if lists(effort) <= budget)


def test_several_budgets_share_their_samples():
    budgets = [Budget("visited", share) for share in (0.1, 0.3, 0.35)]
    finished, asked = search(range(1, 11), lists, *budgets)
    assert [finished.found(budget).value for budget in budgets] == [1, 3, 3]
    assert len(asked) == len(set(asked))


def test_routing_counts_where_the_budget_is_macs():
    for limit, effort in ((0.3, 2), (0.35, 3)):
        assert find(range(1, 11), lambda n: lists(n, 0.05), Budget("macs", limit)).value == effort


@pytest.mark.parametrize(("kind", "times", "most"), [("macs", 2, 14), ("latency", 4, 18)])
def test_efforts_far_above_the_budget_are_not_tried(kind: BudgetKind, times: int, most: int):
    _, asked = search(range(1, 100_001), lambda n: n / 1e5, Budget(kind, 1e-3))
    assert times * 100 < max(asked) <= 2 * (times * 100 + 1)
    assert len(set(asked)) <= most


@pytest.mark.parametrize("power", [0.5, 1, 2, 5])
@pytest.mark.parametrize("limit", [0.01, 0.1, 0.5])
def test_counts_that_do_not_grow_evenly_take_few_more_steps(power: float, limit: float):
    found, asked = search(range(1, 100_001), lambda n: (n / 1e5) ** power, Budget("macs", limit))
    effort = found.found(Budget("macs", limit)).value
    assert (effort / 1e5) ** power <= limit < ((effort + 1) / 1e5) ** power
    assert len(asked) <= 40


DIPS: Mapping[int, float] = {1: 1.0, 3: 1.8, 7: 2.4, 15: 0.9, 31: 1.3}
"""What some efforts spend: 3 and 7 more than 15."""


def dipping(effort: int) -> float:
    """Return what any effort up to 100 spends, in between."""
    return float(np.interp(effort, [*DIPS, 100], [*DIPS.values(), 9.0]))


@pytest.mark.parametrize("kind", ["visited", "latency"])
def test_an_effort_beyond_one_that_is_too_dear_is_found(kind: BudgetKind):
    limit = 1.2 if kind == "latency" else 0.12
    scale = limit / 1.2
    found = find(range(1, 101), lambda n: scale * dipping(n), Budget(kind, limit))
    assert found.value == max(n for n in range(1, 101) if dipping(n) <= 1.2) > 15
    assert found.next_spent is not None and found.next_spent > limit


def test_a_smallest_effort_that_is_too_dear_does_not_exclude_the_others():
    found = find(range(1, 101), lambda n: 1.0 if n < 10 else 0.5, Budget("latency", 0.6))
    assert found == Effort(100, None)


def test_efforts_that_change_nothing_are_all_within_the_budget():
    # A graph that returns 10 documents searches with ef 10 at least.
    found = find(range(1, 1001), lambda n: max(n, 10) / 1000, Budget("visited", 0.01))
    assert found == Effort(10, 0.011)


def noisy(bad: Mapping[int, Sequence[int]]) -> Callable[[int], float]:
    """Return times of n ms for effort n, except for ten times as many in some samples of some."""
    taken: dict[int, int] = {}

    def milliseconds(effort: int) -> float:
        sample = taken[effort] = taken.get(effort, -1) + 1
        return effort * (10.0 if sample in bad.get(effort, ()) else 1.0)

    return milliseconds


@pytest.mark.parametrize("sample", range(SAMPLES))
@pytest.mark.parametrize("effort", [1, 31, 63, 40, 50])
def test_one_disturbed_sample_of_an_effort_changes_nothing(effort: int, sample: int):
    found = find(range(1, 1001), noisy({effort: [sample]}), Budget("latency", 50))
    assert found == Effort(50, 51)


@pytest.mark.parametrize("effort", [1, 31, 47, 49, 50])
def test_an_effort_whose_first_samples_were_all_disturbed_is_found_by_the_check(effort: int):
    found = find(range(1, 1001), noisy({effort: range(SAMPLES)}), Budget("latency", 50))
    assert found == Effort(50, 51)


def test_a_disturbed_machine_does_not_make_a_budget_too_small():
    first = noisy({1: range(SAMPLES)})
    assert find(range(1, 2), first, Budget("latency", 5)) == Effort(1, None)


def test_only_the_ends_are_sampled_more_often():
    _, asked = search(range(1, 1001), float, Budget("latency", 50))
    often = {effort for effort in asked if asked.count(effort) > SAMPLES}
    assert often == {50, 51} and asked.count(50) == asked.count(51) == CHECKS


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("visited", "budget 0.05 is smaller than the 0.1 of the documents that effort 1 spends"),
        ("macs", "or choose settings that spend less, such as fewer leaves or lists"),
        ("latency", "the 0.1 ms that effort 1 spends; raise --budget"),
    ],
)
def test_a_budget_below_the_smallest_effort_is_refused(kind: BudgetKind, message: str):
    with pytest.raises(InputError, match=message.replace(".", r"\.")):
        find(range(1, 11), lists, Budget(kind, 0.05))


def test_a_budget_without_a_limit_takes_the_smallest_effort():
    assert find(range(3, 11), lists, Budget("visited", None)) == Effort(3, None)


@pytest.mark.parametrize(
    ("quality", "effort", "next_smaller"), [(0.05, 1, None), (0.4, 4, 0.3), (0.95, 10, 0.9)]
)
def test_the_smallest_effort_that_reaches_a_quality(
    quality: float, effort: int, next_smaller: float | None
):
    assert find(range(1, 11), lists, Budget("overlap", quality)) == Effort(effort, next_smaller)


@pytest.mark.parametrize("quality", np.linspace(0.02, 1, 50))
def test_no_effort_that_reaches_a_quality_is_smaller(quality: float):
    found = find(range(1, 101), lambda n: n / 100, Budget("ndcg", quality))
    assert found.value == min(n for n in range(1, 101) if n / 100 >= quality)


def test_efforts_beyond_one_that_reaches_the_quality_are_not_tried():
    _, asked = search(range(1, 100_001), lambda n: min(1.0, n / 100), Budget("ndcg", 0.9))
    assert max(asked) <= 2 * 90 + 1


def test_a_quality_that_no_effort_reaches_is_refused():
    with pytest.raises(InputError, match=r"quality 0\.9 is larger than the 0\.5 of exact search's"):
        find(range(1, 11), lambda n: lists(n) / 2, Budget("overlap", 0.9))
