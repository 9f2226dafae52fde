from collections.abc import Callable

import numpy as np
import pytest

from harness.measure.budget import Budget, BudgetKind, Effort, MeanCost, find_effort, mean_cost
from methods.base import Cost
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


def test_a_mean_cost_is_a_fraction_of_exact_search():
    cost = Cost(np.array([10, 30]), np.array([80, 240]), np.array([40, 40]))
    mean = mean_cost(cost, documents=100, dimensions=8)
    assert mean.visited == pytest.approx(0.2)
    assert mean.scan_macs == pytest.approx(0.2)
    assert mean.macs == pytest.approx(0.25)


def test_an_index_of_texts_has_no_full_scan_to_compare_with():
    cost = Cost(np.array([10, 30]), np.array([15, 45]), np.array([0, 0]))
    mean = mean_cost(cost, documents=100, dimensions=None)
    assert mean.visited == 0.2 and mean.macs is None


def test_a_budget_without_a_limit_takes_the_smallest_effort():
    assert find_effort(range(3, 11), lists([]), Budget("visited", None)) == Effort(3, None)


@pytest.mark.parametrize(
    ("budget", "label", "slug"),
    [
        (Budget("visited", 0.07), "7 %", "visited-0.07"),
        (Budget("macs", 0.015), "1.5 % MACs", "macs-0.015"),
        (Budget("latency", 0.05), "0.05 ms", "latency-0.05"),
        (Budget("latency", None), "-", "reference"),
    ],
)
def test_a_budget_is_written_with_its_unit(budget: Budget, label: str, slug: str):
    assert (budget.label, budget.slug) == (label, slug)


@pytest.mark.parametrize(
    ("kind", "spent", "text"),
    [("visited", 0.2, "20.00"), ("macs", 0.25, "25.00"), ("latency", 3.0, "3.000")],
)
def test_what_was_spent_is_what_the_budget_limits(kind: BudgetKind, spent: float, text: str):
    mean = MeanCost(visited=0.2, scan_macs=0.2, route_macs=0.05)
    budget = Budget(kind, 0.5)
    assert budget.spent(lambda: mean, lambda: 3.0) == spent
    assert budget.format_spent(spent) == text


def test_an_index_of_texts_spends_documents_where_macs_are_limited():
    assert Budget("macs", None).spent(lambda: MeanCost(0.2, None, None), lambda: 3.0) == 0.2


@pytest.mark.parametrize(
    ("kind", "limit", "message"),
    [
        ("visited", 1.5, r"budget 1\.5 is outside \(0, 1\]; 0\.1 visits a tenth"),
        ("macs", 0, r"budget 0 is outside"),
        ("latency", 0, r"budget 0 is not a valid latency: give milliseconds above 0"),
        ("latency", float("nan"), r"budget nan is not a valid latency"),
    ],
)
def test_a_limit_that_is_not_a_share_or_a_time_is_refused(
    kind: BudgetKind, limit: float, message: str
):
    with pytest.raises(InputError, match=message):
        Budget(kind, limit)
