"""How numbers are written: three digits, means over seeds, p-values."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Spread:
    """A mean over seeds and the standard deviation (n - 1), None for one seed."""

    mean: float
    deviation: float | None


def spread(values: Sequence[float]) -> Spread:
    """Return the mean and, of several values, their standard deviation."""
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return Spread(float(np.mean(values)), deviation)


def with_deviation(spread: Spread) -> str:
    """Return a mean over seeds, and their standard deviation where there are several."""
    deviation = "" if spread.deviation is None else f" ± {short(spread.deviation)}"
    return f"{short(spread.mean)}{deviation}"


def probability(p: float) -> str:
    """Return a p-value in three digits."""
    return "p<.001" if p < 0.001 else f"p={short(p)}"


def short(value: float, sign: str = "") -> str:
    """Return three digits, without the 0 in front of the point."""
    digits = f"{value:{sign}.3f}"
    return digits.replace("0.", ".", 1) if abs(value) < 1 else digits


def percent(fraction: float | None) -> str:
    """Return a fraction in per cent with two digits; nothing for None."""
    return "" if fraction is None else f"{100 * fraction:.2f}"
