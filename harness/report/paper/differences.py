"""Make the tables of all differences from the baseline, with what each test could have found."""

from collections.abc import Sequence
from itertools import groupby

from harness.report.numbers import probability, short
from harness.report.paper.table import VISITED, differences, row_key, table_measures
from harness.report.paper.typeset import Column, Entry, Table
from harness.report.rows.dataset_records import DatasetRecords
from harness.report.rows.difference import Difference, describe_tests
from harness.report.rows.summary import Row

COLUMNS = (
    Column("method", numeric=False),
    Column("budget", numeric=False),
    *(Column(head) for head in ("difference", "corrected", "detectable")),
    Column("verdict", numeric=False),
)


def difference_tables(measured: DatasetRecords, name: str, baseline: str | None) -> list[Table]:
    """Return a table for every measure and kind of budget, each named after `name`.

    A table has one section per budget, and one row for each row that is compared with the baseline.
    Without a baseline, or if nothing can be compared with it, there is no table.
    """
    tables = []
    for measure in table_measures(measured):
        rows = measured.rows(measure)
        found = differences(rows, baseline)
        compared = [row for row in rows if row_key(row) in found]
        compared.sort(key=lambda row: row.budget.sort_key)
        for kind in dict.fromkeys(row.budget.kind for row in compared):
            stem = name if kind == VISITED else f"{name}-{kind}"
            of_kind = [row for row in compared if row.budget.kind == kind]
            tables.append(
                Table(
                    f"{stem}-differences-{measure.replace('@', '')}",
                    f"{measured.dataset}: differences from {baseline} in {measure}",
                    _caption(compared, measure),
                    COLUMNS,
                    [
                        [_entries(row, found[row_key(row)]) for row in group]
                        for _, group in groupby(of_kind, key=lambda row: row.budget)
                    ],
                    kind=kind,
                    measure=measure,
                )
            )
    return tables


def _entries(row: Row, difference: Difference) -> list[Entry]:
    return [
        Entry(row.label),
        Entry(row.budget.label),
        Entry(short(difference.mean, "+"), difference.mean),
        Entry(probability(difference.p), difference.p),
        Entry(number=difference.detectable),
        Entry(difference.conclusion),
    ]


def _caption(compared: Sequence[Row], measure: str) -> str:
    return (
        f"{measure} of {len(compared[0].per_query):,} queries, at equal budgets. "
        f"{describe_tests(compared, len(compared))}"
    )
