"""Tell two-stage baselines, whose index learns nothing from queries, from learned indexes."""

from collections.abc import Sequence

from harness.report.labels import CEILING
from harness.report.rows.summary import Row
from methods.errors import InputError
from methods.registry import DUAL_ENCODER, method

SUBJECT = "ehi"
"""The method that reports are about."""
FROZEN = "ehi-frozen"
"""The subject's tree, learned on vectors of an encoder that was trained before it."""


def is_baseline(name: str) -> bool:
    """Whether a method searches the plain dual encoder's vectors with an index that learns nothing.

    Exact search is not a baseline, nor is a method that is not installed here.
    """
    try:
        row = method(name)
    except InputError:
        return False
    return row.trainer == DUAL_ENCODER and row.budgeted


def exact_row(rows: Sequence[Row]) -> Row | None:
    """Return the row of exact search with the dual encoder, if it was measured."""
    return next((row for row in rows if row.method == CEILING), None)


def best_exact_row(rows: Sequence[Row], measure: str) -> Row | None:
    """Return the exact search of the highest quality, with whichever encoder, if there is one."""
    exact = [row for row in rows if row.method == CEILING or row.method.endswith(f"+{CEILING}")]
    return max(exact, key=lambda row: row.metrics[measure].mean, default=None)
