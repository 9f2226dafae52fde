"""Test whether means over queries differ by more than chance, and compute confidence intervals."""

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
ENUMERATED = 12
"""Up to this many differences, all combinations of signs are tried: at most 4,096."""
CHUNK = 4_000_000
"""Random numbers drawn at a time, so that memory does not grow with rounds and queries."""
TIE = 1e-8
"""Means that are closer than this are equal, because values are saved with nine digits."""
FIRST_ROUNDS = 10_000
ENOUGH = 10
"""After the first rounds, drawing stops once this many combinations are as extreme as the observed
one: p is then known well enough (Besag and Clifford, Sequential Monte Carlo p-values, 1991)."""


def paired_randomisation(a: Values, b: Values, seed: int, rounds: int = FIRST_ROUNDS) -> float:
    """Return the two-sided p-value of the mean difference between paired values.

    If a and b are interchangeable, the sign of every difference is random (Smucker, Allan and
    Carterette, CIKM 2007). With few differences, all combinations of signs are tried. Otherwise up
    to `rounds` combinations are drawn, and the observed one is added, so that p is never 0.

    Args:
        a: Values of shape (queries,), from 0 to about 1.
        b: Values of the same shape, for the same queries.
        seed: Seed of the random signs.
        rounds: How many combinations of signs are drawn at most, which bounds p from below. More
            than `FIRST_ROUNDS` are only drawn if p is so small that they matter (`ENOUGH`).
    """
    differences = (a - b)[np.abs(a - b) > TIE]
    if len(differences) <= ENUMERATED:
        combinations = np.arange(2 ** len(differences))
        flips = combinations[:, None] >> np.arange(len(differences)) & 1
        return float(_as_extreme(differences, flips).mean())
    random = np.random.default_rng(seed)
    drawn = extreme = 0
    first = min(rounds, FIRST_ROUNDS)
    for size in chain(*(_chunks(part, len(differences)) for part in (first, rounds - first))):
        if drawn >= FIRST_ROUNDS and extreme >= ENOUGH:
            break
        flips = random.integers(0, 2, (size, len(differences)), dtype=np.uint8)
        extreme += int(_as_extreme(differences, flips).sum())
        drawn += size
    return (1 + extreme) / (1 + drawn)


def holm(ps: Sequence[float]) -> list[float]:
    """Return the p-values adjusted for their number by Holm's step-down method (1979), in order."""
    adjusted = [0.0] * len(ps)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(ps)), key=lambda index: ps[index])):
        largest = max(largest, min(1.0, (len(ps) - rank) * ps[index]))
        adjusted[index] = largest
    return adjusted


def bootstrap_interval(
    values: Values, seed: int, rounds: int = 2_000, confidence: float = 0.95
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the mean over queries.

    Args:
        values: Values of shape (queries,), at least one.
        seed: Seed of the resampling.
        rounds: How many times the queries are resampled.
        confidence: The share of the resampled means that is inside the interval.
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
    """Return which rows of flips (rounds, differences) of 0 or 1 sum up at least as far from 0."""
    observed = differences.sum()
    sums = observed - 2 * (flips.astype(np.float64) @ differences)
    extreme: NDArray[np.bool_] = np.abs(sums) >= np.abs(observed) - TIE * len(differences)
    return extreme


def _chunks(rounds: int, width: int) -> Iterator[int]:
    size = max(1, CHUNK // width)
    for start in range(0, rounds, size):
        yield min(size, rounds - start)
