"""Rows of a summary against those of a baseline, query by query."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.measure.significance import holm, paired_randomisation
from harness.report.rows.summary import SEED, Row
from methods.errors import InputError


@dataclass(frozen=True)
class Difference:
    """How far a row's mean is above its baseline's, and the corrected p of that."""

    mean: float
    p: float


@dataclass(frozen=True)
class Comparison:
    """The differences from the baseline, one a row.

    None stands at the baseline's own rows, and at those without a budget where the baseline
    has one.
    """

    baseline: str
    differences: list[Difference | None]


def compare(rows: Sequence[Row], baseline: str) -> Comparison:
    """Compare every row with the baseline's at the same dataset, budget and kind of budget.

    A baseline without a budget is compared with at every budget. The test is
    `paired_randomisation` on the values of queries, means over seeds; `holm` corrects for all
    the rows that are compared.

    Args:
        rows: Of one measure.
        baseline: A method, or its label where it has rows with several settings.

    Raises:
        InputError: If the baseline is not among the rows, is missing at a budget, or has other
            queries; or if nothing is left to compare with it.
    """
    label = baseline_label(rows, baseline)
    own = [row for row in rows if row.label == label]
    paired = [_counterpart(row, own) if row.label != label else None for row in rows]
    tested = [(row, other) for row, other in zip(rows, paired, strict=True) if other]
    if not tested:
        raise InputError(f"nothing to compare with {label}; show other methods beside it")
    ps = iter(holm([_p(row, other) for row, other in tested]))
    differences = [
        Difference(_mean(row) - _mean(other), next(ps)) if other else None
        for row, other in zip(rows, paired, strict=True)
    ]
    return Comparison(label, differences)


def compare_where_possible(rows: Sequence[Row], baseline: str) -> Comparison:
    """Compare as `compare` does, with None at the rows that `left_out` names.

    Raise InputError if the baseline is not among the rows, or stands for several.
    """
    label = baseline_label(rows, baseline)
    own = [row for row in rows if row.label == label]
    absent = left_out(rows, label)
    kept = [row for i, row in enumerate(rows) if i not in absent]
    if not any(_find(row, own) for row in kept if row.label != label):
        return Comparison(label, [None] * len(rows))
    found = iter(compare(kept, label).differences)
    return Comparison(label, [None if i in absent else next(found) for i in range(len(rows))])


def left_out(rows: Sequence[Row], label: str) -> dict[int, str]:
    """Return the positions of the rows that cannot be compared with a label's, and why."""
    own = [row for row in rows if row.label == label]
    return {i: why for i, row in enumerate(rows) if (why := _obstacle(row, own))}


def baseline_label(rows: Sequence[Row], baseline: str) -> str:
    """Return the label of a baseline that is given by its label or its method.

    Raise InputError if it is not among the rows, or stands for several.
    """
    labels = list(dict.fromkeys(row.label for row in rows))
    if baseline in labels:
        return baseline
    meant = list(dict.fromkeys(row.label for row in rows if row.method == baseline))
    if not meant:
        raise InputError(
            f"nothing is measured of {baseline!r} among the records shown; "
            f"compare with one of: {', '.join(labels) or 'none'}"
        )
    if len(meant) > 1:
        quoted = ", ".join(repr(label) for label in meant)
        raise InputError(f"{baseline} has several settings; compare with one of: {quoted}")
    return meant[0]


def _obstacle(row: Row, baseline: Sequence[Row]) -> str:
    """Say why a row cannot be compared with the baseline's, or nothing."""
    other = _find(row, baseline)
    if row.label == baseline[0].label or (other is None and row.budget.unlimited):
        return ""
    about = f"{row.label} on {row.place} is not compared with {baseline[0].label}"
    if other is None:
        return f"{about}, which is not measured there"
    if row.seeds != other.seeds:
        return f"{about}, which has other seeds"
    if row.per_query.keys() != other.per_query.keys():
        return f"{about}, which has other queries"
    return ""


def _counterpart(row: Row, baseline: Sequence[Row]) -> Row | None:
    """Return the baseline's row to compare with; None for a row without a budget it has not."""
    other = _find(row, baseline)
    if other is not None or row.budget.unlimited:
        return other
    raise InputError(
        f"{baseline[0].label} is not measured on {row.place}, but {row.label} is; "
        "measure it there, or choose others with --dataset and --budget"
    )


def _find(row: Row, baseline: Sequence[Row]) -> Row | None:
    for other in baseline:
        same = other.budget == row.budget
        if other.dataset == row.dataset and (same or other.budget.unlimited):
            return other
    return None


def _p(row: Row, other: Row) -> float:
    if row.seeds != other.seeds:
        seeds = [", ".join(map(str, each.seeds)) for each in (row, other)]
        raise InputError(
            f"on {row.place}, {row.label} has the seeds {seeds[0]} and {other.label} {seeds[1]}; "
            "run the missing ones, or choose others with --budget"
        )
    if row.per_query.keys() != other.per_query.keys():
        raise InputError(
            f"{row.label} and {other.label} were measured on different queries of {row.dataset}; "
            "measure both on the same data, in a new run folder"
        )
    return paired_p(row, other)


def paired_p(row: Row, other: Row) -> float:
    """Return the p of `paired_randomisation` between rows that have the same queries."""
    values = np.array([(value, other.per_query[query]) for query, value in row.per_query.items()])
    return paired_randomisation(values[:, 0], values[:, 1], SEED)


def _mean(row: Row) -> float:
    return float(np.mean(list(row.per_query.values())))
