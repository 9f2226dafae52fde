import numpy as np
import pytest

from harness.measure.budget import Budget, BudgetKind, MeanCost, mean_cost
from methods.base import Cost
from methods.errors import InputError


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


@pytest.mark.parametrize(
    ("budget", "label", "slug"),
    [
        (Budget("visited", 0.07), "7 %", "visited-0.07"),
        (Budget("macs", 0.015), "1.5 % MACs", "macs-0.015"),
        (Budget("latency", 0.05), "0.05 ms", "latency-0.05"),
        (Budget("overlap", 0.95), "95 % overlap", "overlap-0.95"),
        (Budget("ndcg", 0.9), "90 % nDCG", "ndcg-0.9"),
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
        ("overlap", 95, r"quality 95 is outside \(0, 1\]; 0\.95 is 95 % of exact search's"),
        ("ndcg", 0, r"quality 0 is outside"),
    ],
)
def test_a_limit_that_is_not_a_share_or_a_time_is_refused(
    kind: BudgetKind, limit: float, message: str
):
    with pytest.raises(InputError, match=message):
        Budget(kind, limit)


def test_a_budget_limits_from_above_and_a_quality_from_below():
    assert Budget("visited", 0.5).allows(0.5) and not Budget("visited", 0.5).allows(0.51)
    assert Budget("overlap", 0.5).allows(0.5) and not Budget("overlap", 0.5).allows(0.49)
    assert Budget("overlap", 0.5).format_spent(0.4951) == "49.51"
