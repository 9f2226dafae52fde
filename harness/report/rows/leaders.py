"""Say which method is first at each budget, and test its lead over all others."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from harness.measure.mean_difference import LEVEL, with_common_seed_variance
from harness.measure.significance import holm
from harness.report.rows.difference import estimate_difference
from harness.report.rows.summary import Row


@dataclass(frozen=True)
class Leader:
    """The first row of a budget, and how far it is above the second."""

    first: Row
    second: Row
    lead: float
    p: float  # the largest against any other row of the budget, corrected for its kind's budgets
    detectable: float  # the smallest lead over the second that is found with a chance of POWER

    @property
    def is_shown(self) -> bool:
        """Whether the first is shown to be better than every other row."""
        return self.p < LEVEL


def find_leaders(rows: Sequence[Row], measure: str) -> list[Leader]:
    """Return the leader of every budget with several rows that can all be compared with it.

    The first row is chosen on the queries that it is tested on. Its lead counts only if two-sided
    tests show it to be better than each of the others. That keeps the rate of false leaders at the
    level, whatever the number of methods (Gutmann and Maymin, Annals of Statistics, 1987). It is
    also how Hsu's multiple comparisons with the best show that one method is the best. Holm's
    method corrects for the number of budgets of the same kind.
    """
    kinds = dict.fromkeys(row.budget.kind for row in rows)
    found = [
        leader
        for kind in kinds
        for leader in _leaders_of_kind([row for row in rows if row.budget.kind == kind], measure)
    ]
    return sorted(found, key=lambda leader: leader.first.budget.sort_key)


def _leaders_of_kind(rows: Sequence[Row], measure: str) -> list[Leader]:
    """Return the leaders of rows with one kind of budget."""
    contests = []
    for budget in sorted({row.budget for row in rows}, key=lambda budget: budget.sort_key):
        ranked = [row for row in rows if row.budget == budget and not budget.unlimited]
        ranked.sort(key=lambda row: -row.metrics[measure].mean)
        if len(ranked) > 1 and all(_are_paired(ranked[0], other) for other in ranked[1:]):
            contests.append(ranked)
    estimates = iter(
        with_common_seed_variance(
            [estimate_difference(first, other) for first, *others in contests for other in others]
        )
    )
    against = [list(islice(estimates, len(ranked) - 1)) for ranked in contests]
    ps = holm([max(each.p for each in own) for own in against])
    return [
        Leader(ranked[0], ranked[1], own[0].mean, p, own[0].detectable(LEVEL / len(contests)))
        for ranked, own, p in zip(contests, against, ps, strict=True)
    ]


def _are_paired(row: Row, other: Row) -> bool:
    return row.seeds == other.seeds and row.per_query.keys() == other.per_query.keys()
