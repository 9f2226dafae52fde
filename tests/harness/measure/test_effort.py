"""The largest effort within a budget."""

from collections.abc import Callable

import numpy as np
import pytest

from harness.measure.budget import Budget, BudgetKind
from harness.measure.effort import Effort, find_effort
from methods.errors import InputError


def lists(asked: list[int], routing: float = 0.0) -> Callable[[int], float]:
    """Return what ten equal lists spend: a tenth of the documents an effort, and the routing."""

    def spent(effort: int) -> float:
        asked.append(effort)
        return round(effort / 10 + routing, 3)

    return spent


@pytest.mark.parametrize(
    ("budget", "effort", "next_spent"),
    [(0.1, 1, 0.2), (0.29, 2, 0.3), (0.3, 3, 0.4), (1.0, 10, None)],
)
def test_the_largest_effort_within_the_budget(budget: float, effort: int, next_spent: float | None):
    found = find_effort(range(1, 11), lists([]), Budget("visited", budget))
    assert (found.value, found.next_spent) == (effort, next_spent)


@pytest.mark.parametrize("budget", np.linspace(0.1, 1, 46))
@pytest.mark.parametrize("efforts", [range(1, 11), range(1, 2), range(2, 11, 2)])
def test_no_effort_within_the_budget_is_larger(budget: float, efforts: range):
    spent = lists([])
    if spent(efforts[0]) > budget:
        return
    found = find_effort(efforts, spent, Budget("visited", budget))
    assert found.value == max(effort for effort in efforts if spent(effort) <= budget)


def test_routing_counts_where_the_budget_is_macs():
    assert find_effort(range(1, 11), lists([], 0.05), Budget("macs", 0.3)).value == 2
    assert find_effort(range(1, 11), lists([], 0.05), Budget("macs", 0.35)).value == 3


def test_large_efforts_are_not_tried_for_small_budgets():
    asked: list[int] = []
    find_effort(
        range(1, 100_001),
        lambda effort: asked.append(effort) or effort / 1e5,
        Budget("macs", 1e-3),
    )
    assert max(asked) <= 2 * 100 + 1 and len(asked) <= 20


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("visited", "budget 0.05 is smaller than the 0.1 of the documents that effort 1 spends"),
        ("macs", "or set fewer leaves or lists"),
        ("latency", "the 0.1 ms that effort 1 spends; raise --budget"),
    ],
)
def test_a_budget_below_the_smallest_effort_is_refused(kind: BudgetKind, message: str):
    with pytest.raises(InputError, match=message.replace(".", r"\.")):
        find_effort(range(1, 11), lists([]), Budget(kind, 0.05))


def test_a_budget_without_a_limit_takes_the_smallest_effort():
    assert find_effort(range(3, 11), lists([]), Budget("visited", None)) == Effort(3, None)
