"""Judge whether searches are slower by more than a tolerance and by more than a machine's noise.

Milliseconds alone say little: the same code takes longer on a busy machine. Times are therefore
divided by the times of a yardstick that was measured in the same rounds: the reference workload, or
another method. The reference workload has two parts, one bound by arithmetic and one bound by
memory; a change counts only as far as it shows against both.
"""

from collections.abc import Iterable, Sequence
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from harness.measure.budget import Budget
from harness.regression.pairing import PairedCells, hardware_changes, latest
from harness.regression.verdict import Outcome, Verdict, decide
from harness.store.record import Record
from methods.errors import InputError

MACHINE_NOISE = 0.075
"""Standard deviation of the logarithm of a cell's time over its yardstick, between runs of the same
trained index on the same machine. Seven runs on hpo, on two cores under a load of ten, had .03 to
.11 for EHI and IVF and .11 to .15 for exact search."""
PARTS = ("product", "scan")
"""The parts of the reference workload (harness/measure/reference_workload.py)."""
Paces = NDArray[np.float64]
"""Logarithms of a cell's time over its yardstick, one per round."""


def judge_speed(
    paired: Sequence[PairedCells],
    baseline: Sequence[Record],
    candidate: Sequence[Record],
    tolerance: float,
    relative_to: str | None = None,
) -> list[Verdict]:
    """Return one verdict per method, with its settings, and budget.

    Args:
        paired: From `pair_cells`.
        baseline: All records, among them those of the method `relative_to`.
        candidate: Likewise.
        tolerance: The ratio of times that is accepted, 1 or more.
        relative_to: The method that is the yardstick, None for the reference workload. Its own
            speed is not judged.

    Raises:
        InputError: If that method was not measured at a seed and budget.
    """
    verdicts = []
    for cells in paired:
        if cells.first.method == relative_to:
            continue
        if note := _why_unjudged(cells):
            verdicts.append(Verdict("speed", cells, Outcome.UNJUDGED, note=note))
            continue
        verdicts.append(_compare(cells, relative_to, baseline, candidate))
    return decide(
        verdicts,
        worse=lambda change: change > tolerance - 1,
        better=lambda change: change < 1 / tolerance - 1,
    )


def slowdown(was: Sequence[Paces], now: Sequence[Paces]) -> tuple[float, float]:
    """Return the logarithm of the ratio of times, now to before, and its standard error.

    Args:
        was: The baseline's paces, one array of shape (rounds,) per seed.
        now: The candidate's paces, of the same seeds.
    """
    changes = [np.median(after) - np.median(before) for before, after in zip(was, now, strict=True)]
    round_variance = sum(_median_variance(paces) for paces in (*was, *now))
    # All seeds are timed in one run, so more seeds do not reduce the noise between runs.
    error = np.sqrt(2 * MACHINE_NOISE**2 + round_variance / len(changes) ** 2)
    return float(np.mean(changes)), float(error)


def _median_variance(paces: Paces) -> float:
    """Return the variance of the median of the rounds, as if they were normally distributed.

    The standard deviation is estimated from the median absolute deviation, so that a round in which
    the machine was busy with something else does not widen it.
    """
    deviation = 1.4826 * float(np.median(np.abs(paces - np.median(paces))))
    return np.pi / 2 * deviation**2 / len(paces)


def _compare(
    cells: PairedCells,
    relative_to: str | None,
    baseline: Sequence[Record],
    candidate: Sequence[Record],
) -> Verdict:
    """Return the verdict before p is corrected, by the yardstick against which less changed."""
    from scipy import stats

    changes = []
    for yardstick in PARTS if relative_to is None else (relative_to,):
        was = [_paces(pair.baseline, yardstick, baseline) for pair in cells.pairs]
        now = [_paces(pair.candidate, yardstick, candidate) for pair in cells.pairs]
        changes.append(slowdown(was, now))
    (low, low_error), (high, high_error) = min(changes), max(changes)
    # If the parts disagree about the direction, nothing has changed.
    change = low if low > 0 else min(high, 0.0)
    error = low_error if change > 0 else high_error
    before = fmean(pair.baseline.measured.latency.search_ms.p50 for pair in cells.pairs)
    return Verdict(
        "speed",
        cells,
        Outcome.PASSED,
        baseline=before,
        candidate=before * float(np.exp(change)),
        change=float(np.expm1(change)),
        p=float(2 * stats.norm.sf(abs(change) / error)),
        note=_effort_changes(cells),
    )


def _paces(record: Record, yardstick: str, records: Iterable[Record]) -> Paces:
    """Return a record's paces by round, or a single one for the whole run if rounds are missing."""
    latency = record.measured.latency
    if yardstick in PARTS:
        rounds = latency.rounds_ms.get(yardstick, ())
        overall = (latency.reference_ms or {})[yardstick]
    else:
        other = _find_yardstick(record, yardstick, records).measured.latency
        rounds, overall = other.rounds_ms.get("search", ()), other.search_ms.p50
    searches = latency.rounds_ms.get("search", ())
    if searches and len(searches) == len(rounds):
        return np.log(searches) - np.log(rounds)
    return np.log([latency.search_ms.p50 / overall])


def _find_yardstick(record: Record, method: str, records: Iterable[Record]) -> Record:
    """Return the method's latest record at the same seed, depth and budget, or without a budget."""
    budgets = (record.budget, Budget(record.budget.kind, None))
    yardstick = latest(
        other
        for other in records
        if other.method == method
        and other.status == "ok"
        and other.depth == record.depth
        and (other.dataset, other.seed) == (record.dataset, record.seed)
        and other.budget in budgets
    )
    if yardstick is None:
        raise InputError(
            f"--relative-to {method}: {method} is not measured at the seed and budget of "
            f"{record.cell}; measure it in both runs, or leave the option out"
        )
    return yardstick


def _why_unjudged(cells: PairedCells) -> str:
    """Return why times cannot be compared, or "" if they can."""
    for pair in cells.pairs:
        if changes := hardware_changes(pair.baseline, pair.candidate):
            return f"different hardware: {'; '.join(changes)}"
        for record in (pair.baseline, pair.candidate):
            if not record.measured.latency.reference_ms:
                return "the reference workload was not timed"
    return ""


def _effort_changes(cells: PairedCells) -> str:
    """Return in words where the budget now allows another effort, and so another amount of work."""
    changes = [
        f"{pair.baseline.measured.effort} to {pair.candidate.measured.effort}"
        for pair in cells.pairs
        if pair.baseline.measured.effort != pair.candidate.measured.effort
    ]
    return f"effort from {', '.join(changes)}" if changes else ""
