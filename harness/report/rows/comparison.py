"""Compare the rows of a summary with those of a baseline, query by query."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.measure.mean_difference import MeanDifference
from harness.report.rows.difference import (
    Difference,
    differences_of_family,
    estimate_difference,
    part_difference,
)
from harness.report.rows.summary import Row
from harness.store.quality import PARTS
from methods.errors import InputError


@dataclass(frozen=True)
class Comparison:
    """The differences from the baseline, one per row.

    A difference is None for the baseline's own rows, and for a row without a budget if the baseline
    has one.
    """

    baseline: str
    differences: list[Difference | None]
    others: list[Row | None]  # the baseline's rows, where there is a difference

    def pairs(self, rows: Sequence[Row]) -> list[tuple[Row, Row, Difference]]:
        """Return the rows that were compared, each with the baseline's row and the difference.

        `rows` are those that the comparison was made of.
        """
        return [
            (row, other, difference)
            for row, other, difference in zip(rows, self.others, self.differences, strict=True)
            if other is not None and difference is not None
        ]

    def plain(self, rows: Sequence[Row], measure: str) -> list[dict[str, Any]]:
        """Return each of the `pairs` as plain values: what was compared, and its difference."""
        return [
            {
                "dataset": row.dataset,
                "depth": row.depth,
                "method": row.label,
                "budget": row.budget.limit,
                "budget_by": row.budget.kind,
                "against": self.baseline,
                "measure": measure,
                "difference": difference.mean,
                **{part: part_difference(row, other, part, measure) for part in PARTS},
                "p": difference.p,
                "detectable": difference.detectable,
                "verdict": str(difference.conclusion),
            }
            for row, other, difference in self.pairs(rows)
        ]


def compare(rows: Sequence[Row], baseline: str) -> Comparison:
    """Compare every row with the baseline's row of the same dataset, depth and budget.

    A baseline without a budget is compared with the rows of every budget. All rows that are
    compared are one family.

    Args:
        rows: Rows of one measure.
        baseline: A method, or its label if it has rows with several settings.

    Raises:
        InputError: If the baseline is not among the rows, is missing at a budget, or has different
            queries; or if there is no other row to compare with it.
    """
    (comparison,) = compare_with_each(rows, [baseline])
    return comparison


def compare_with_each(rows: Sequence[Row], baselines: Sequence[str]) -> list[Comparison]:
    """Compare every row with each of several baselines, as `compare` does with one.

    All comparisons are one family. Two rows are compared once, with the first of the baselines.

    Raises:
        InputError: As `compare`, and if no baseline is given.
    """
    labels = list(dict.fromkeys(baseline_label(rows, name.strip()) for name in baselines))
    if not labels:
        raise InputError("no baseline is given; name at least one, such as ivf")
    compared: set[frozenset[int]] = set()
    paired = [_counterparts(rows, label, compared) for label in labels]
    if not compared:
        raise InputError(f"nothing to compare with {', '.join(labels)}; show other methods too")
    pairs = [zip(rows, others, strict=True) for others in paired]
    estimates = [_estimate(row, other) for pair in pairs for row, other in pair if other]
    found = iter(differences_of_family(estimates))
    return [
        Comparison(label, [next(found) if other else None for other in others], others)
        for label, others in zip(labels, paired, strict=True)
    ]


def _counterparts(
    rows: Sequence[Row], label: str, compared: set[frozenset[int]]
) -> list[Row | None]:
    """Return the baseline's row for each row, None for its own rows and for pairs in `compared`.

    The new pairs are added to `compared`.
    """
    own = [row for row in rows if row.label == label]
    others: list[Row | None] = []
    for row in rows:
        other = _require_counterpart(row, own) if row.label != label else None
        pair = frozenset((id(row), id(other)))
        others.append(None if pair in compared else other)
        if other is not None:
            compared.add(pair)
    return others


def compare_where_possible(rows: Sequence[Row], baseline: str) -> Comparison:
    """Compare as `compare` does, with None for the rows that `incomparable_rows` names.

    Raise InputError if the baseline is not among the rows, or has several settings.
    """
    label = baseline_label(rows, baseline)
    own = [row for row in rows if row.label == label]
    skipped = incomparable_rows(rows, label)
    kept = [row for i, row in enumerate(rows) if i not in skipped]
    if not any(_find_counterpart(row, own) for row in kept if row.label != label):
        return Comparison(label, [None] * len(rows), [None] * len(rows))
    found = compare(kept, label)
    compared = iter(zip(found.differences, found.others, strict=True))
    differences, others = zip(
        *((None, None) if i in skipped else next(compared) for i in range(len(rows))), strict=True
    )
    return Comparison(label, list(differences), list(others))


def incomparable_rows(rows: Sequence[Row], label: str) -> dict[int, str]:
    """Return the positions of the rows that cannot be compared with a label's rows, and why."""
    own = [row for row in rows if row.label == label]
    return {i: reason for i, row in enumerate(rows) if (reason := _why_incomparable(row, own))}


def baseline_label(rows: Sequence[Row], baseline: str) -> str:
    """Return the label of a baseline that is given by its label or its method.

    Raise InputError if it is not among the rows, or has several settings.
    """
    labels = list(dict.fromkeys(row.label for row in rows))
    if baseline in labels:
        return baseline
    matches = list(dict.fromkeys(row.label for row in rows if row.method == baseline))
    if not matches:
        raise InputError(
            f"{baseline!r} is not among the records shown; "
            f"compare with one of: {', '.join(labels) or 'none'}"
        )
    if len(matches) > 1:
        quoted = ", ".join(repr(label) for label in matches)
        raise InputError(f"{baseline} has several settings; compare with one of: {quoted}")
    return matches[0]


def _why_incomparable(row: Row, baseline: Sequence[Row]) -> str:
    """Return why a row cannot be compared with the baseline's rows, or "" if it can."""
    other = _find_counterpart(row, baseline)
    if row.label == baseline[0].label or (other is None and _needs_no_counterpart(row, baseline)):
        return ""
    refusal = f"{row.label} on {row.dataset_and_budget} is not compared with {baseline[0].label}"
    if other is None:
        return f"{refusal}, which is not measured there{_at_depth(row, baseline)}"
    if row.seeds != other.seeds:
        return f"{refusal}, which has other seeds"
    if row.per_query.keys() != other.per_query.keys():
        return f"{refusal}, which has other queries"
    return ""


def _require_counterpart(row: Row, baseline: Sequence[Row]) -> Row | None:
    """Return the baseline's row to compare with.

    Return None for a row without a budget if the baseline has one. Raise InputError if the baseline
    is missing at the row's budget.
    """
    other = _find_counterpart(row, baseline)
    if other is not None or _needs_no_counterpart(row, baseline):
        return other
    raise InputError(
        f"{baseline[0].label} is not measured on {row.dataset_and_budget}"
        f"{_at_depth(row, baseline)}, but {row.label} is; "
        "measure it there, or choose others with --dataset and --budget"
    )


def _find_counterpart(row: Row, baseline: Sequence[Row]) -> Row | None:
    for other in baseline:
        same = other.budget == row.budget
        if (other.dataset, other.depth) == (row.dataset, row.depth) and (
            same or other.budget.unlimited
        ):
            return other
    return None


def _needs_no_counterpart(row: Row, baseline: Sequence[Row]) -> bool:
    """Decide whether a row has no budget while the baseline has one."""
    free = any(other.budget.unlimited for other in baseline if other.dataset == row.dataset)
    return row.budget.unlimited and not free


def _at_depth(row: Row, baseline: Sequence[Row]) -> str:
    """Return the row's depth in words if the baseline has other depths only, else ""."""
    depths = {other.depth for other in baseline if other.dataset == row.dataset}
    return f" to depth {row.depth}" if depths and row.depth not in depths else ""


def _estimate(row: Row, other: Row) -> MeanDifference:
    """Estimate a difference. Raise InputError if the rows have different seeds or queries."""
    if row.seeds != other.seeds:
        seeds = [", ".join(map(str, each.seeds)) for each in (row, other)]
        raise InputError(
            f"on {row.dataset_and_budget}, {row.label} has the seeds {seeds[0]} and {other.label} "
            f"{seeds[1]}; run the missing ones, or choose others with --budget"
        )
    if row.per_query.keys() != other.per_query.keys():
        raise InputError(
            f"{row.label} and {other.label} were measured on different queries of {row.dataset}; "
            "measure both on the same data, in a new run folder"
        )
    return estimate_difference(row, other)
