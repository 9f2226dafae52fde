"""Format numbers for reports: three digits, means over seeds, p-values, per cent."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Spread:
    """A mean over seeds and their standard deviation (n - 1), which is None for one seed."""

    mean: float
    deviation: float | None


def spread(values: Sequence[float]) -> Spread:
    """Return the mean of values and, if there are several, their standard deviation."""
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return Spread(float(np.mean(values)), deviation)


def with_deviation(spread: Spread) -> str:
    """Return a mean over seeds, followed by the standard deviation if there is one."""
    deviation = "" if spread.deviation is None else f" ± {short(spread.deviation)}"
    return f"{short(spread.mean)}{deviation}"


def probability(p: float) -> str:
    """Return a p-value with three digits."""
    return "p<.001" if p < 0.001 else f"p={short(p)}"


def short(value: float, sign: str = "", digits: int = 3) -> str:
    """Return a number with three digits after the point, without a leading 0: .753, 1.000."""
    text = f"{value:{sign}.{digits}f}"
    return text.replace("0.", ".", 1) if abs(value) < 1 else text


def percent(fraction: float | None) -> str:
    """Return a fraction in per cent with two digits after the point, or "" for None."""
    return "" if fraction is None else f"{100 * fraction:.2f}"


def exponent(value: float | None) -> str:
    """Return an exponent of growth with two digits after the point, or "" for None."""
    return "" if value is None else short(value, digits=2)
