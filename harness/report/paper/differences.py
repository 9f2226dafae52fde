"""Make the tables of all differences from the baseline, with what each test could have found."""

from collections.abc import Sequence
from itertools import groupby

from harness.report.numbers import probability, short
from harness.report.paper.table import VISITED, table_measures
from harness.report.paper.typeset import Column, Entry, Table
from harness.report.rows.comparison import compare_where_possible
from harness.report.rows.dataset_records import DatasetRecords
from harness.report.rows.difference import (
    PART_DIFFERENCES,
    Difference,
    describe_tests,
    part_difference,
)
from harness.report.rows.summary import Row, shown_parts
from harness.store.quality import Part

Compared = tuple[Row, Row, Difference]
"""A row, the baseline's row, and the difference."""


def difference_tables(measured: DatasetRecords, name: str, baseline: str | None) -> list[Table]:
    """Return a table for every measure and kind of budget, each named after `name`.

    A table has one section per budget, and one row for each row that is compared with the baseline.
    The seen and the unseen queries have a column each, if both exist. Return no table without a
    baseline, or if nothing can be compared with it.
    """
    if baseline is None:
        return []
    tables = []
    for measure in table_measures(measured):
        rows = measured.rows(measure)
        parts = shown_parts(rows)
        compared = compare_where_possible(rows, baseline).pairs(rows)
        compared.sort(key=_budget)
        for kind in dict.fromkeys(row.budget.kind for row, *_ in compared):
            stem = name if kind == VISITED else f"{name}-{kind}"
            of_kind = [each for each in compared if each[0].budget.kind == kind]
            tables.append(
                Table(
                    f"{stem}-differences-{measure.replace('@', '')}",
                    f"{measured.dataset}: differences from {baseline} in {measure}",
                    _caption(compared, measure, parts),
                    _columns(parts),
                    [
                        [_entries(*each, measure, parts) for each in group]
                        for _, group in groupby(of_kind, key=_budget)
                    ],
                    kind=kind,
                    measure=measure,
                )
            )
    return tables


def part_entries(row: Row, other: Row, measure: str, parts: Sequence[Part]) -> list[Entry]:
    """Return a cell for each part of the queries: how far the row is above the other there."""
    means = [part_difference(row, other, part, measure) for part in parts]
    return [Entry("-") if mean is None else Entry(short(mean, "+"), mean) for mean in means]


def _columns(parts: Sequence[Part]) -> list[Column]:
    return [
        Column("method", numeric=False),
        Column("budget", numeric=False),
        *(Column(head) for head in ("difference", *parts, "corrected", "detectable")),
        Column("verdict", numeric=False),
    ]


def _entries(
    row: Row, other: Row, difference: Difference, measure: str, parts: Sequence[Part]
) -> list[Entry]:
    return [
        Entry(row.label),
        Entry(row.budget.label),
        Entry(short(difference.mean, "+"), difference.mean),
        *part_entries(row, other, measure, parts),
        Entry(probability(difference.p), difference.p),
        Entry(number=difference.detectable),
        Entry(difference.conclusion),
    ]


def _caption(compared: Sequence[Compared], measure: str, parts: Sequence[Part]) -> str:
    rows = [row for row, *_ in compared]
    return (
        f"{measure} of {len(rows[0].per_query):,} queries, at equal budgets. "
        f"{describe_tests(rows, len(rows))}{f' {PART_DIFFERENCES}' if parts else ''}"
    )


def _budget(compared: Compared) -> tuple[str, float]:
    return compared[0].budget.sort_key
