"""Estimate the mean difference of two methods over queries and seeds, and test it.

The difference of a query at a seed is the mean, plus an effect of the query, plus an effect of the
seed, plus a rest: the two-way random-effects model without replication (Searle, Casella and
McCulloch, Variance Components, 1992, chapter 4). So a result has to hold for other queries *and*
for other training runs. The mean's variance is the sum of the three parts, and its degrees of
freedom are Satterthwaite's (Biometrics Bulletin, 1946). With one seed, this is the paired t test
over the queries alone.

Resampling was tried and rejected: with three seeds, a bootstrap of seeds and queries calls up to a
quarter of equal methods different. tests/harness/measure/test_mean_difference.py holds the rates
of this test.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np

from harness.measure.significance import TIE, Values

MARGIN = 0.005
"""Methods whose means are shown to differ by less are equal. It was fixed for nDCG@10 before
anything was measured with it, and is the same for all measures, which go from 0 to 1."""
LEVEL = 0.05
"""The largest corrected p at which something counts as shown."""
POWER = 0.8
"""The chance with which a detectable difference is found."""


@dataclass(frozen=True)
class MeanDifference:
    """The mean difference over seeds and queries, and the variances around it."""

    mean: float
    seeds: int
    queries: int
    between_seeds: float  # variance of the seeds' means over queries; 0 for one seed
    between_queries: float  # variance of the queries' means over seeds; 0 for one query
    rest: float  # variance that neither explains; 0 for one seed or one query
    differing: int  # queries whose mean over seeds is not 0

    @property
    def error(self) -> float:
        """The standard error of the mean."""
        return float(np.sqrt(self._variance))

    @property
    def degrees(self) -> float:
        """Satterthwaite's degrees of freedom of the error."""
        of_seeds, of_queries, of_rest = self._parts
        seeds, queries = self.seeds - 1, self.queries - 1
        parts = [(of_seeds, seeds), (of_queries, queries), (of_rest, seeds * queries)]
        squares = sum(part**2 / degrees for part, degrees in parts if part > 0)
        least = min((degrees for _, degrees in parts if degrees > 0), default=1)
        if squares == 0:
            return max(queries, 1)
        return max(self._variance**2 / squares, least)

    @property
    def p(self) -> float:
        """The two-sided p of "the mean difference is 0".

        It is at least that of n differences of one sign under random signs, which matters only if
        fewer than about ten queries differ.
        """
        from scipy import special

        ratio = abs(self.mean) / self.error if self.error > 0 else np.inf
        tail = float(special.stdtr(self.degrees, -ratio))
        return min(1.0, max(2 * tail, 2.0 ** (1 - self.differing)))

    @property
    def p_equal(self) -> float:
        """The p of "the mean difference is MARGIN or more", in either direction.

        It is the larger p of two one-sided tests (Schuirmann, Journal of Pharmacokinetics and
        Biopharmaceutics, 1987). The error is at least what one query can change: if no query
        differs, that does not show that no other query would.
        """
        from scipy import special

        error = max(self.error, 1 / self.queries)
        return float(special.stdtr(self.degrees, (abs(self.mean) - MARGIN) / error))

    @property
    def interval(self) -> tuple[float, float]:
        """The confidence interval of the mean at a level of LEVEL, for this comparison alone."""
        from scipy import special

        reach = float(special.stdtrit(self.degrees, 1 - LEVEL / 2)) * self.error
        return self.mean - reach, self.mean + reach

    def detectable(self, level: float) -> float:
        """Return the smallest difference whose p is below the level with a chance of POWER.

        That is so for a comparison with this error. With few seeds the error is itself uncertain,
        and the chance is smaller: for three, about 0.7 at a level of 0.05. It is at least what one
        query can change.
        """
        from scipy import special

        quantiles = special.stdtrit(self.degrees, [1 - level / 2, POWER])
        return max(float(quantiles.sum()) * self.error, 1 / self.queries)

    @property
    def _variance(self) -> float:
        of_seeds, of_queries, of_rest = self._parts
        # The means of seeds and of queries both contain the rest, which counts once. No component
        # of variance is below 0.
        return max(of_seeds + of_queries - of_rest, of_seeds, of_queries)

    @property
    def _parts(self) -> tuple[float, float, float]:
        """The parts of the mean's variance: from seeds, from queries, and from the rest."""
        return (
            self.between_seeds / self.seeds,
            self.between_queries / self.queries,
            self.rest / (self.seeds * self.queries),
        )


def estimate(differences: Values) -> MeanDifference:
    """Estimate the mean of differences of shape (seeds, queries), each from -1 to 1."""
    seeds, queries = differences.shape
    of_seeds, of_queries = differences.mean(axis=1), differences.mean(axis=0)
    mean = float(differences.mean())
    rest = differences - of_seeds[:, None] - of_queries + mean
    free = (seeds - 1) * (queries - 1)
    return MeanDifference(
        mean,
        seeds,
        queries,
        between_seeds=_variance(of_seeds),
        between_queries=_variance(of_queries),
        rest=float((rest**2).sum()) / free if free else 0.0,
        differing=int((np.abs(of_queries) > TIE).sum()),
    )


def with_common_seed_variance(estimates: Sequence[MeanDifference]) -> list[MeanDifference]:
    """Return the estimates with a variance between seeds of at least their median.

    A few seeds may be close together by luck, and a table with many comparisons has some of these.
    Without this step, a family of 32 equal methods with three seeds has a significant difference in
    up to 43 of 100 tables instead of 5, if seeds matter as much as queries or more.
    """
    typical = median([each.between_seeds for each in estimates if each.seeds > 1] or [0.0])
    return [
        replace(each, between_seeds=max(each.between_seeds, typical)) if each.seeds > 1 else each
        for each in estimates
    ]


def _variance(values: Values) -> float:
    return float(np.var(values, ddof=1)) if len(values) > 1 else 0.0
