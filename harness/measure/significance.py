"""Whether a mean over queries is another than by chance: a test, its correction, an interval."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
ENUMERATED = 12
"""Differences up to which every combination of signs is tried: 4,096 of them."""
CHUNK = 4_000_000
"""Numbers that are drawn at a time, so that memory does not grow with rounds and queries."""
TIE = 1e-8
"""Means that are closer are equal: values of queries are kept with nine digits."""


def paired_randomisation(a: Values, b: Values, seed: int, rounds: int = 10_000) -> float:
    """Return the two-sided p of the mean difference between paired values.

    The sign of every difference is random where a and b are interchangeable (Smucker, Allan
    and Carterette, CIKM 2007). All signs are tried where there are few differences; else
    `rounds` of them are drawn, and the observed ones count as one more, so that p is never 0.

    Args:
        a: Values of shape (queries,), from 0 to about 1.
        b: Those of the same queries.
        seed: Of the random signs.
        rounds: How many times the signs of all differences are drawn.
    """
    differences = (a - b)[np.abs(a - b) > TIE]
    if len(differences) <= ENUMERATED:
        combinations = np.arange(2 ** len(differences))
        flips = combinations[:, None] >> np.arange(len(differences)) & 1
        return float(_as_extreme(differences, flips).mean())
    random = np.random.default_rng(seed)
    extreme = 0
    for size in _chunks(rounds, len(differences)):
        flips = random.integers(0, 2, (size, len(differences)), dtype=np.uint8)
        extreme += int(_as_extreme(differences, flips).sum())
    return (1 + extreme) / (1 + rounds)


def holm(ps: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number by Holm's step-down method (1979), in order."""
    adjusted = [0.0] * len(ps)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(ps)), key=lambda place: ps[place])):
        largest = max(largest, min(1.0, (len(ps) - rank) * ps[place]))
        adjusted[place] = largest
    return adjusted


def bootstrap_interval(
    values: Values, seed: int, rounds: int = 2_000, confidence: float = 0.95
) -> tuple[float, float]:
    """Return the percentile interval of the mean over queries, drawn anew with replacement.

    Args:
        values: Of shape (queries,), at least one.
        seed: Of the draws.
        rounds: How many times as many queries are drawn.
        confidence: The share of the means that lies in the interval.
    """
    random = np.random.default_rng(seed)
    means = np.concatenate(
        [
            values[random.integers(0, len(values), (size, len(values)))].mean(axis=1)
            for size in _chunks(rounds, len(values))
        ]
    )
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def _as_extreme(differences: Values, flips: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Say of every row of flips (0 or 1 a difference) if its sum is as far from 0 as observed."""
    observed = differences.sum()
    sums = observed - 2 * (flips.astype(np.float64) @ differences)
    extreme: NDArray[np.bool_] = np.abs(sums) >= np.abs(observed) - TIE * len(differences)
    return extreme


def _chunks(rounds: int, width: int) -> Iterator[int]:
    size = max(1, CHUNK // width)
    for start in range(0, rounds, size):
        yield min(size, rounds - start)
