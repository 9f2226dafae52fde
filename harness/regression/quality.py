"""Whether quality is worse by more than a tolerance and by more than chance.

Chance has two sources, and a loss has to be beyond both. Which queries: the paired randomisation
test. Which training: the same code, trained again with another seed, on another processor or
with sums in another order, gives other vectors and another mean. How far such means lie apart
is known from the seeds that were run, and a t test holds the loss against it.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from harness.measure.significance import paired_randomisation
from harness.regression.baseline import NOT_MEASURES, Columns, Measurements
from harness.regression.pairing import PairedCells, hardware
from harness.regression.verdict import Outcome, Verdict, decide
from methods.errors import unknown

SEED = 0
"""Of the random signs: the same records always give the same verdict."""
TRAINING_SPREAD = 0.005
"""Standard deviation between seeds, as a share of the measure, that is expected beforehand. Three
seeds on hpo had .001 for exact search, .003 for EHI and .005 to .012 for IVF (README)."""
KNOWN_DEGREES = 6
"""Degrees of freedom that this expectation counts for."""
Values = NDArray[np.float64]


def judge_quality(
    places: Sequence[PairedCells],
    baseline: Measurements,
    candidate: Measurements,
    measure: str,
    tolerance: float,
) -> list[Verdict]:
    """Return a verdict on every place.

    Args:
        places: From `pair_cells`.
        baseline: Has the columns of the places' records, as has `candidate`.
        candidate: What may be worse.
        measure: A measure of both.
        tolerance: The relative loss that is accepted; .01 accepts .693 after .700.

    Raises:
        InputError: If the measure is not there.
    """
    verdicts = [_compare(place, baseline.columns, candidate.columns, measure) for place in places]
    return decide(
        verdicts,
        worse=lambda change: change < -tolerance,
        better=lambda change: change > tolerance,
    )


def training_p(
    baseline: Sequence[float], candidate: Sequence[float], change: float
) -> float | None:
    """Return the p of a change of this sign, by a t test between the means of seeds.

    The variance is that within both sides, moderated: a few seeds may lie close together by
    luck, so they are weighed with what is known beforehand (Smyth 2004, eq. 2: the posterior
    variance and its degrees of freedom). p is two-sided, 1 where the means lie the other
    way round, and None where no side has two seeds.

    Args:
        baseline: The measure's mean over queries, one a seed; not all 0.
        candidate: Likewise.
        change: Above or below 0.
    """
    from scipy import stats

    degrees = len(baseline) + len(candidate) - 2
    if degrees == 0:
        return None
    squares = sum(len(side) * float(np.var(side)) for side in (baseline, candidate))
    squares += KNOWN_DEGREES * (TRAINING_SPREAD * float(np.mean(baseline))) ** 2
    degrees += KNOWN_DEGREES
    error = np.sqrt(squares / degrees * (1 / len(baseline) + 1 / len(candidate)))
    difference = float(np.sign(change) * (np.mean(candidate) - np.mean(baseline)))
    return min(1.0, float(2 * stats.t.sf(difference / error, degrees)))


def _compare(
    place: PairedCells, was: Mapping[str, Columns], now: Mapping[str, Columns], measure: str
) -> Verdict:
    """Return the verdict before its correction."""
    if place.first.budget.kind == "latency" and any(
        hardware(pair.baseline) != hardware(pair.candidate) for pair in place.pairs
    ):
        note = "other hardware: by its clock the budget allows another effort"
        return Verdict("quality", place, Outcome.UNJUDGED, note=note)
    old = _over_seeds([was[pair.baseline.cell] for pair in place.pairs], measure)
    new = _over_seeds([now[pair.candidate.cell] for pair in place.pairs], measure)
    change = float(new.mean() - old.mean())
    of_queries = paired_randomisation(old, new, SEED)
    of_training = training_p(
        [_mean(was[record.cell], measure) for record in place.baseline],
        [_mean(now[record.cell], measure) for record in place.candidate],
        change,
    )
    return Verdict(
        "quality",
        place,
        Outcome.PASSED,
        baseline=float(old.mean()),
        candidate=float(new.mean()),
        change=_relative(change, float(old.mean())),
        p=max(of_queries, of_training or 0.0),
        note="; ".join(_notes(place, of_training)),
    )


def _notes(place: PairedCells, of_training: float | None) -> Iterator[str]:
    if of_training is None:
        yield "one seed: how far trainings lie apart is unknown"
    first = place.pairs[0]
    was, now = (
        side.measured.training and side.measured.training.precision
        for side in (first.baseline, first.candidate)
    )
    if was != now:
        yield f"encoded in {now}, the baseline in {was}"


def _over_seeds(columns: Sequence[Columns], measure: str) -> Values:
    """Return the values of every query (n,), means over seeds."""
    for column in columns:
        if measure not in column:
            raise unknown("measure", measure, [name for name in column if name not in NOT_MEASURES])
    values: Values = np.mean([np.round(column[measure], 9) for column in columns], axis=0)
    return values


def _mean(columns: Columns, measure: str) -> float:
    return float(np.mean(columns[measure]))


def _relative(change: float, before: float) -> float:
    """Return the change as a share of what was before; of nothing, any gain is whole."""
    if before == 0:
        return float(np.sign(change))
    return change / before
