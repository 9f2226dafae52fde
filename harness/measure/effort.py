"""Find the efforts that budgets allow: on tuning queries, never on test queries.

A search asks for samples of what efforts spend, or of the quality that they reach, and decides from
their medians. It does not assume that a larger effort spends more or finds more: the efforts are
doubled from the smallest, beyond the first that is too dear, and the gap next to the best of them
is closed: by bisection, or, since counts are exact, by interpolating them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from harness.measure.budget import Budget

SAMPLES = 3
"""Times are sampled this often for each effort."""
CHECKS = 9
"""Times are sampled this often for the effort that is found and for the one next to it, so that
three disturbed samples of either do not decide."""

TIME_FACTOR, COUNT_FACTOR = 4, 2
"""Efforts are doubled until one spends this many times the limit, in case a larger one spends less.
Counting is exact, and may take as long as searching."""

BISECTED = 3
"""Each time that this many efforts have been counted, a gap is bisected and not interpolated."""


@dataclass(frozen=True)
class Effort:
    """The effort for a budget, and what the one next to it spends on the tuning queries.

    That is the next larger effort for a limit on what is spent, and the next smaller one for a
    quality. `next_spent` is None if there is none, and without a limit.
    """

    value: int
    next_spent: float | None


class EffortSearch:
    """Finds the efforts of one index for budgets of one kind.

    Take one sample of each of the `wanted` efforts and `add` it, until none is wanted; then call
    `found`. Times need several samples, and they should be taken at different moments.
    """

    def __init__(self, efforts: range, budgets: Sequence[Budget]) -> None:
        self._efforts = efforts
        self._budgets = budgets
        self._samples: dict[int, list[float]] = {}

    def wanted(self) -> list[int]:
        """Return the efforts to take another sample of, in order."""
        return sorted({effort for budget in self._budgets for effort in self._wanted_for(budget)})

    def add(self, effort: int, amount: float) -> None:
        """Add a sample of what an effort spends, or of the quality that it reaches."""
        self._samples.setdefault(effort, []).append(amount)

    def count(self, effort: int) -> int:
        """Return how many samples of an effort have been added."""
        return len(self._samples.get(effort, ()))

    def found(self, budget: Budget) -> Effort:
        """Return the largest effort within the budget, or the smallest that reaches its quality.

        Without a limit, return the smallest effort. Raise InputError if no effort that was tried is
        within the budget.
        """
        if budget.limit is None:
            return Effort(self._efforts[0], None)
        amounts = self._amounts(budget)
        best = _best(amounts, budget)
        if best is None:
            nearest = _nearest(amounts, budget)
            raise budget.out_of_reach(amounts[nearest], self._efforts[nearest])
        return Effort(self._efforts[best], amounts.get(_beyond(best, budget)))

    def _wanted_for(self, budget: Budget) -> list[int]:
        if budget.limit is None:
            return []
        amounts = self._amounts(budget)
        position = _next_position(amounts, len(self._efforts), budget)
        if position is not None:
            return [self._efforts[position]]
        if not budget.is_timed:
            return []
        best = _best(amounts, budget)
        ends = [_nearest(amounts, budget)] if best is None else [best, best + 1]
        efforts = [self._efforts[end] for end in ends if end in amounts]
        return [effort for effort in efforts if self.count(effort) < CHECKS]

    def _amounts(self, budget: Budget) -> dict[int, float]:
        """Return the medians, by position, of the efforts with enough samples."""
        enough = SAMPLES if budget.is_timed else 1
        return {
            self._efforts.index(effort): median(samples)
            for effort, samples in self._samples.items()
            if len(samples) >= enough
        }


def _next_position(amounts: Mapping[int, float], count: int, budget: Budget) -> int | None:
    """Return the position of the effort to try next, or None if enough have been tried."""
    for position in _doubled(count):
        if position not in amounts:
            return position
        if _ends_doubling(amounts[position], budget):
            break
    best = _best(amounts, budget)
    if best is None:
        return None
    if budget.is_quality:
        low, high = max((p for p in amounts if p < best), default=-1), best
    else:
        low, high = best, min((p for p in amounts if p > best), default=count)
    return _between(low, high, amounts, budget) if high - low > 1 else None


def _between(low: int, high: int, amounts: Mapping[int, float], budget: Budget) -> int:
    """Return the position to try next in a gap.

    Where counts grow evenly, interpolating them finds it at once. Every third step halves the gap,
    in case they do not.
    """
    halves = budget.is_timed or budget.is_quality or high not in amounts
    if halves or len(amounts) % BISECTED == 0:
        return (low + high) // 2
    assert budget.limit is not None, "without a limit nothing is searched"
    share = (budget.limit - amounts[low]) / (amounts[high] - amounts[low])
    return min(max(low + int(share * (high - low)), low + 1), high - 1)


def _ends_doubling(amount: float, budget: Budget) -> bool:
    """Return whether larger efforts than one with this amount need not be tried."""
    assert budget.limit is not None, "without a limit nothing is searched"
    if budget.is_quality:
        return budget.allows(amount)
    return amount > (TIME_FACTOR if budget.is_timed else COUNT_FACTOR) * budget.limit


def _doubled(count: int) -> list[int]:
    """Return the positions 0, 1, 3, 7, ... below `count`, and the last one."""
    positions = [2**power - 1 for power in range(count.bit_length())]
    return sorted({*positions, count - 1})


def _best(amounts: Mapping[int, float], budget: Budget) -> int | None:
    """Return the position of the best effort that has been tried, None if none will do."""
    allowed = [position for position, amount in amounts.items() if budget.allows(amount)]
    return (min if budget.is_quality else max)(allowed, default=None)


def _nearest(amounts: Mapping[int, float], budget: Budget) -> int:
    """Return the position of the effort that is nearest to the budget if none is within it."""
    return (max if budget.is_quality else min)(amounts, key=lambda position: amounts[position])


def _beyond(position: int, budget: Budget) -> int:
    """Return the position next to the best one on the side that the budget excludes."""
    return position - 1 if budget.is_quality else position + 1
