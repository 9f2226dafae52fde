"""Find the effort that a budget allows: on tuning queries, never on test queries."""

from collections.abc import Callable
from dataclasses import dataclass

from harness.measure.budget import Budget


@dataclass(frozen=True)
class Effort:
    """The effort that a budget allows, and what the next larger one spends on the tuning queries.

    `next_spent` is None for the largest effort, and if there is no limit.
    """

    value: int
    next_spent: float | None


def find_effort(efforts: range, spent: Callable[[int], float], budget: Budget) -> Effort:
    """Return the largest effort that spends no more than the budget; without a limit the smallest.

    Efforts are doubled from the smallest and then bisected, because counting may take as long as
    searching, and a large effort longer than a small one. Raise InputError if the smallest effort
    spends more.
    """
    if budget.limit is None:
        return Effort(efforts[0], None)
    budget.raise_if_below(spent(efforts[0]), efforts[0])
    low, high = 0, len(efforts)  # spent(low) is within the budget, spent(high) is not
    high_spent = None
    doubling = True
    while high - low > 1:
        middle = min(2 * low + 1, high - 1) if doubling else (low + high) // 2
        middle_spent = spent(efforts[middle])
        if middle_spent <= budget.limit:
            low = middle
        else:
            high, high_spent, doubling = middle, middle_spent, False
    return Effort(efforts[low], high_spent)
