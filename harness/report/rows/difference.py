"""The difference of two rows: its tests, corrected for a family of them, and what they conclude."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

import numpy as np

from harness.measure.mean_difference import (
    LEVEL,
    MARGIN,
    MeanDifference,
    estimate,
    with_common_seed_variance,
)
from harness.measure.significance import holm
from harness.report.labels import PART_MEANINGS
from harness.report.numbers import short
from harness.report.rows.summary import Row
from harness.store.quality import Part

PART_DIFFERENCES = f"Not tested: the differences of the {PART_MEANINGS}."
"""Describes the columns of `part_difference` in a caption."""


class OverSeeds(Protocol):
    """Something that was measured with several seeds."""

    @property
    def seeds(self) -> Sequence[int]:
        """The seeds."""
        ...


class Conclusion(StrEnum):
    """What the tests of a difference show."""

    BETTER = "better"
    WORSE = "worse"
    EQUAL = f"equal within {short(MARGIN)}"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True)
class Difference:
    """How far a row's mean is above another's, with p-values corrected for their family."""

    mean: float
    p: float  # of "there is no difference"
    p_equal: float  # of "the difference is MARGIN or more"
    detectable: float  # the smallest difference that is found with a chance of POWER

    @property
    def conclusion(self) -> Conclusion:
        """What the two tests show; a difference that is shown counts, however small it is."""
        if self.p < LEVEL:
            return Conclusion.BETTER if self.mean > 0 else Conclusion.WORSE
        return Conclusion.EQUAL if self.p_equal < LEVEL else Conclusion.UNKNOWN

    @property
    def reversed(self) -> "Difference":
        """How far the other row's mean is above this one's."""
        return replace(self, mean=0.0 - self.mean)  # not -0.0


def estimate_difference(row: Row, other: Row) -> MeanDifference:
    """Estimate how far a row is above another that has the same seeds and queries."""
    queries = list(next(iter(row.per_seed.values())))
    values = [
        [[of_seed[seed][query] for query in queries] for seed in row.per_seed]
        for of_seed in (row.per_seed, other.per_seed)
    ]
    own, others = np.array(values)
    return estimate(own - others)


def part_difference(row: Row, other: Row, part: Part, measure: str) -> float | None:
    """Return how far a row is above another in the mean over a part of the queries.

    It is not tested, and None if the part is empty.
    """
    own, others = row.part_mean(part, measure), other.part_mean(part, measure)
    return None if own is None or others is None else own - others


def differences_of_family(estimates: Sequence[MeanDifference]) -> list[Difference]:
    """Test differences that are shown together.

    Holm's method corrects the tests of a difference for their number, and likewise, but separately,
    the tests of equality. For each of the two, at most one family in 20 has a false claim.
    """
    family = with_common_seed_variance(estimates)
    ps, ps_equal = holm([each.p for each in family]), holm([each.p_equal for each in family])
    return [
        Difference(each.mean, p, p_equal, each.detectable(LEVEL / len(family)))
        for each, p, p_equal in zip(family, ps, ps_equal, strict=True)
    ]


def describe_tests(rows: Collection[OverSeeds], comparisons: int) -> str:
    """Describe the tests between these rows in sentences for a caption."""
    several = comparisons > 1
    family = f"{comparisons} comparison{'s' if several else ''}"
    level = f"5 % / {comparisons}" if several else "5 %"
    return (
        f"Tested by {name_test(rows)}, Holm-corrected for {family}: better or worse if p < .05; "
        f"{Conclusion.EQUAL} if two one-sided tests show it; else cannot tell. Detectable: the "
        f"difference that a test with this error finds in 80 % of all cases, at a level of {level}."
    )


def name_test(rows: Collection[OverSeeds]) -> str:
    """Name the test between these rows: whether it is over queries and seeds or queries alone."""
    counts = {len(row.seeds) for row in rows}
    if counts == {1}:
        return "a paired t test over the queries alone, as there is one seed"
    alone = ", over the queries alone where there is one seed" if 1 in counts else ""
    return f"a paired t test over queries and seeds (two-way random effects, Satterthwaite){alone}"
