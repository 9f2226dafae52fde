"""Judge whether quality is worse by more than a tolerance and by more than chance.

Chance has two sources, and a loss counts only if it exceeds both. One is the choice of queries, for
which there is the paired randomisation test. The other is training: the same code, trained with
another seed, on another processor or with sums in another order, gives different vectors and a
different mean. The seeds that were run show how much such means vary, and a t test compares the
loss with that variation.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from harness.measure.quality import unmeasured
from harness.measure.significance import FIRST_ROUNDS, Values, paired_randomisation
from harness.regression.measurements import NOT_MEASURES, Measurements
from harness.regression.pairing import PairedCells, hardware_changes
from harness.regression.verdict import Outcome, Verdict, decide
from harness.store.record_file import Columns

SIGN_SEED = 0
"""Fixes the random signs of the test, so that the same records always get the same verdict."""
ROUNDS_PER_COMPARISON = 200
"""The smallest p of the test, corrected for all comparisons, is then 1/200, a quarter of `LEVEL`.
With the first rounds alone, no loss among more than 200 comparisons could be significant."""
PRIOR_DEVIATION = 0.005
"""Standard deviation between seeds, as a share of the measure, that is assumed before any is run.
Three seeds on hpo had .001 for exact search, .003 for EHI and .005 to .012 for IVF."""
PRIOR_DEGREES = 6
"""Degrees of freedom that this assumption counts for."""


def judge_quality(
    paired: Sequence[PairedCells],
    baseline: Measurements,
    candidate: Measurements,
    measure: str,
    tolerance: float,
) -> list[Verdict]:
    """Return one verdict per method, with its settings, and budget.

    Args:
        paired: From `pair_cells(baseline, candidate)`.
        baseline: Provides the values of the queries.
        candidate: Likewise.
        measure: A measure that both have.
        tolerance: The relative loss that is accepted; .01 accepts .693 after .700.

    Raises:
        InputError: If the measure was not measured.
    """
    rounds = max(FIRST_ROUNDS, ROUNDS_PER_COMPARISON * len(paired))
    sides = baseline.columns, candidate.columns
    verdicts = [_compare(cells, *sides, measure, rounds) for cells in paired]
    return decide(
        verdicts,
        worse=lambda change: change < -tolerance,
        better=lambda change: change > tolerance,
    )


def training_p(
    baseline: Sequence[float], candidate: Sequence[float], change: float
) -> float | None:
    """Return the p of a change of this sign, by a moderated t test between the means of seeds.

    A few seeds may be close together by luck. Their variance, pooled over both sides, is therefore
    combined with a prior one (Smyth 2004, eq. 2: the posterior variance and its degrees of
    freedom).

    Args:
        baseline: The measure's mean over queries, one per seed; not all 0.
        candidate: Likewise.
        change: Only its sign counts.

    Returns:
        The two-sided p; 1 if the means differ in the other direction; None if each side has one
        seed.
    """
    from scipy import stats

    degrees = len(baseline) + len(candidate) - 2
    if degrees == 0:
        return None
    squares = sum(len(side) * float(np.var(side)) for side in (baseline, candidate))
    squares += PRIOR_DEGREES * (PRIOR_DEVIATION * float(np.mean(baseline))) ** 2
    degrees += PRIOR_DEGREES
    error = np.sqrt(squares / degrees * (1 / len(baseline) + 1 / len(candidate)))
    difference = float(np.sign(change) * (np.mean(candidate) - np.mean(baseline)))
    return min(1.0, float(2 * stats.t.sf(difference / error, degrees)))


def _compare(
    cells: PairedCells,
    was: Mapping[str, Columns],
    now: Mapping[str, Columns],
    measure: str,
    rounds: int,
) -> Verdict:
    """Return the verdict before p is corrected, by up to `rounds` random signs of each query."""
    if cells.first.budget.kind == "latency" and any(
        hardware_changes(pair.baseline, pair.candidate) for pair in cells.pairs
    ):
        note = "different hardware: on its clock the budget allows another effort"
        return Verdict("quality", cells, Outcome.UNJUDGED, note=note)
    old = _mean_over_seeds([was[pair.baseline.cell] for pair in cells.pairs], measure)
    new = _mean_over_seeds([now[pair.candidate.cell] for pair in cells.pairs], measure)
    change = float(new.mean() - old.mean())
    p_queries = paired_randomisation(old, new, SIGN_SEED, rounds)
    p_training = training_p(
        [_mean(was[record.cell], measure) for record in cells.baseline],
        [_mean(now[record.cell], measure) for record in cells.candidate],
        change,
    )
    return Verdict(
        "quality",
        cells,
        Outcome.PASSED,
        baseline=float(old.mean()),
        candidate=float(new.mean()),
        change=_relative(change, float(old.mean())),
        p=max(p_queries, p_training or 0.0),
        note="; ".join(_notes(cells, p_training)),
    )


def _notes(cells: PairedCells, p_training: float | None) -> Iterator[str]:
    if p_training is None:
        yield "one seed: the variation between training runs is unknown"
    first = cells.pairs[0]
    was, now = (
        side.measured.training and side.measured.training.precision
        for side in (first.baseline, first.candidate)
    )
    if was != now:
        yield f"encoded in {now}, the baseline in {was}"


def _mean_over_seeds(columns: Sequence[Columns], measure: str) -> Values:
    """Return the value of every query, of shape (n,), as its mean over seeds."""
    for column in columns:
        if measure not in column:
            raise unmeasured(measure, [name for name in column if name not in NOT_MEASURES])
    values: Values = np.mean([np.round(column[measure], 9) for column in columns], axis=0)
    return values


def _mean(columns: Columns, measure: str) -> float:
    return float(np.mean(columns[measure]))


def _relative(change: float, before: float) -> float:
    """Return the change as a share of the value before; 1 for any gain over 0."""
    if before == 0:
        return float(np.sign(change))
    return change / before
