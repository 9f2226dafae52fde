import numpy as np
import pytest

from harness.budget import find_effort, mean_spend
from methods.base import Array, Cost, Hits, Index, Trained
from methods.errors import InputError

TUNING = np.zeros((4, 8), dtype=np.float32)


class Lists(Index):
    """100 documents of 8 dimensions in 10 equal lists; routing costs as much as 5 documents."""

    asked: list[int]

    def __init__(self) -> None:
        self.asked = []

    def build(self, vectors: Array, trained: Trained) -> None: ...

    def efforts(self) -> range:
        return range(1, 11)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        raise NotImplementedError

    def cost(self, queries: Array, effort: int) -> Cost:
        self.asked.append(effort)
        visited = np.full(len(queries), 10 * effort)
        return Cost(visited, visited * 8, np.full(len(queries), 5 * 8))


@pytest.mark.parametrize(
    ("budget", "effort", "spent", "next_spent"),
    [(0.1, 1, 0.1, 0.2), (0.29, 2, 0.2, 0.3), (0.3, 3, 0.3, 0.4), (1.0, 10, 1.0, None)],
)
def test_the_largest_effort_within_the_budget(
    budget: float, effort: int, spent: float, next_spent: float | None
):
    found = find_effort(Lists(), TUNING, 100, budget, "visited")
    assert (found.value, found.spent, found.next_spent) == (effort, spent, next_spent)


def test_macs_count_routing():
    assert find_effort(Lists(), TUNING, 100, 0.3, "macs").value == 2
    assert find_effort(Lists(), TUNING, 100, 0.35, "macs").value == 3


def test_it_is_a_bisection():
    index = Lists()
    find_effort(index, TUNING, 100, 0.5, "visited")
    assert len(index.asked) <= 5


def test_a_budget_below_the_smallest_effort_is_refused():
    with pytest.raises(InputError, match=r"budget 0\.05 is smaller than the 0\.1 of visited"):
        find_effort(Lists(), TUNING, 100, 0.05, "visited")


def test_spend_is_a_fraction_of_exact_search():
    cost = Cost(np.array([10, 30]), np.array([80, 240]), np.array([40, 40]))
    spend = mean_spend(cost, documents=100, dimensions=8)
    assert spend.visited == pytest.approx(0.2)
    assert spend.scan_macs == pytest.approx(0.2)
    assert spend.macs == pytest.approx(0.25) == spend.by("macs")
