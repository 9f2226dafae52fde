"""Whether searches are slower by more than a tolerance and by more than a machine's noise.

Milliseconds say nothing by themselves: the same code takes longer on a busy machine. What is
compared is the time over a yardstick that was timed in the same rounds: the reference workload, or
another method. The reference workload has two parts, one that arithmetic bounds and one that
memory bounds; a change counts for no more than it is against both.
"""

from collections.abc import Iterable, Sequence
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from harness.measure.budget import Budget
from harness.regression.pairing import PairedCells, hardware, latest
from harness.regression.verdict import Outcome, Verdict, decide
from harness.store.record import Record
from methods.errors import InputError

MACHINE_NOISE = 0.075
"""Standard deviation of the logarithm of a cell's time over its yardstick, from one run to the
next of the same trained index on the same machine. Seven runs on hpo, on two cores under a load
of ten, had .03 to .11 for EHI and IVF and .11 to .15 for exact search."""
PARTS = ("product", "scan")
Paces = NDArray[np.float64]
"""Logarithms of a cell's time over its yardstick, round by round."""


def judge_speed(
    places: Sequence[PairedCells],
    baseline: Sequence[Record],
    candidate: Sequence[Record],
    tolerance: float,
    relative_to: str | None = None,
) -> list[Verdict]:
    """Return a verdict on every place.

    Args:
        places: From `pair_cells`.
        baseline: Where the records of the method `relative_to` are.
        candidate: Likewise.
        tolerance: The ratio of times that is accepted, 1 or more.
        relative_to: The method that is the yardstick, None for the reference workload. Its own
            speed is not judged.

    Raises:
        InputError: If that method is not measured at a place.
    """
    verdicts = []
    for place in places:
        if place.first.method == relative_to:
            continue
        if note := _unjudged(place):
            verdicts.append(Verdict("speed", place, Outcome.UNJUDGED, note=note))
            continue
        verdicts.append(_compare(place, relative_to, baseline, candidate))
    return decide(
        verdicts,
        worse=lambda change: change > tolerance - 1,
        better=lambda change: change < 1 / tolerance - 1,
    )


def slowdown(was: Sequence[Paces], now: Sequence[Paces]) -> tuple[float, float]:
    """Return the logarithm of how many times longer it takes now, and its standard error.

    Args:
        was: The baseline's paces, of shape (rounds,), one array a seed.
        now: The candidate's, of the same seeds.
    """
    changes = [np.median(after) - np.median(before) for before, after in zip(was, now, strict=True)]
    of_rounds = sum(_median_variance(paces) for paces in (*was, *now))
    # All seeds are timed on one machine on one day: more of them do not make that noise smaller.
    error = np.sqrt(2 * MACHINE_NOISE**2 + of_rounds / len(changes) ** 2)
    return float(np.mean(changes)), float(error)


def _median_variance(paces: Paces) -> float:
    """Return the variance of the median of some rounds.

    Their spread is measured by the median deviation: a round in which the machine did something
    else makes the others no less certain.
    """
    deviation = 1.4826 * float(np.median(np.abs(paces - np.median(paces))))  # of a normal's
    return np.pi / 2 * deviation**2 / len(paces)


def _compare(
    place: PairedCells,
    relative_to: str | None,
    baseline: Sequence[Record],
    candidate: Sequence[Record],
) -> Verdict:
    """Return the verdict before its correction, by the part against which less has changed."""
    from scipy import stats

    found = []
    for part in PARTS if relative_to is None else (relative_to,):
        was = [_paces(pair.baseline, part, baseline) for pair in place.pairs]
        now = [_paces(pair.candidate, part, candidate) for pair in place.pairs]
        found.append(slowdown(was, now))
    (low, error), (high, other) = min(found), max(found)
    change = low if low > 0 else min(high, 0.0)  # nothing where the parts disagree
    before = fmean(pair.baseline.measured.latency.search_ms.p50 for pair in place.pairs)
    return Verdict(
        "speed",
        place,
        Outcome.PASSED,
        baseline=before,
        candidate=before * float(np.exp(change)),
        change=float(np.expm1(change)),
        p=float(2 * stats.norm.sf(abs(change) / (error if change > 0 else other))),
        note=_efforts(place),
    )


def _paces(record: Record, yardstick: str, records: Iterable[Record]) -> Paces:
    """Return a record's paces: one, of the whole run, where the rounds were not kept."""
    latency = record.measured.latency
    if yardstick in PARTS:
        rounds = latency.rounds_ms.get(yardstick, ())
        whole = (latency.reference_ms or {})[yardstick]
    else:
        other = _measured_beside(record, yardstick, records).measured.latency
        rounds, whole = other.rounds_ms.get("search", ()), other.search_ms.p50
    searches = latency.rounds_ms.get("search", ())
    if searches and len(searches) == len(rounds):
        return np.log(searches) - np.log(rounds)
    return np.log([latency.search_ms.p50 / whole])


def _measured_beside(record: Record, method: str, records: Iterable[Record]) -> Record:
    """Return the method's record at the same seed and budget; a reference method has no budget."""
    budgets = (record.budget, Budget(record.budget.kind, None))
    beside = latest(
        other
        for other in records
        if other.method == method
        and other.status == "ok"
        and (other.dataset, other.seed) == (record.dataset, record.seed)
        and other.budget in budgets
    )
    if beside is None:
        raise InputError(
            f"--relative-to {method}: it is not measured beside {record.cell}; "
            "run it too, in both, or leave the option out"
        )
    return beside


def _unjudged(place: PairedCells) -> str:
    """Return why the times of a place cannot be compared, or nothing."""
    for pair in place.pairs:
        was, now = hardware(pair.baseline), hardware(pair.candidate)
        changed = [
            f"{name} was {was[name]} and is {now[name]}" for name in was if was[name] != now[name]
        ]
        if changed:
            return f"other hardware: {'; '.join(changed)}"
        for record in (pair.baseline, pair.candidate):
            if not record.measured.latency.reference_ms:
                return "the reference workload was not timed"
    return ""


def _efforts(place: PairedCells) -> str:
    """Say where the budget came to allow another effort, which is another amount of work."""
    changed = [
        f"{pair.baseline.measured.effort} to {pair.candidate.measured.effort}"
        for pair in place.pairs
        if pair.baseline.measured.effort != pair.candidate.measured.effort
    ]
    return f"effort from {', '.join(changed)}" if changed else ""
