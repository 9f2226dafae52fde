"""Make the table of what spends more on the test queries than its budget allows.

An effort is found on the tuning queries. On the test queries a fixed beam spends nearly the same; a
beam by mass may spend much more, and a comparison at this budget then favours it.
"""

from collections.abc import Sequence

from harness.report.paper.typeset import Column, Entry, Table
from harness.report.rows.summary import Row

TOLERANCE = 1.05
"""Spending up to this multiple of a budget is attributed to the difference between the queries."""
COLUMNS = (
    Column("method", numeric=False),
    Column("budget", numeric=False),
    Column("spent", numeric=False),
)


def overspent_table(rows: Sequence[Row], name: str) -> Table | None:
    """Return a table with one row per method and budget that is exceeded, or None if none is.

    Args:
        rows: The rows of one dataset.
        name: The dataset, as part of a file name.
    """
    over = sorted((row for row in rows if _overspends(row)), key=lambda row: row.budget.sort_key)
    if not over:
        return None
    return Table(
        f"{name}-overspent",
        f"{over[0].dataset}: more spent than the budget",
        f"On the test queries, these spend over {round(100 * (TOLERANCE - 1))} % more than the "
        "budget that their effort was found for, on the tuning queries. A comparison at this "
        "budget favours them.",
        COLUMNS,
        [[[Entry(row.label), Entry(row.budget.label), Entry(_spent(row))] for row in over]],
    )


def _overspends(row: Row) -> bool:
    limit = row.budget.limit
    if limit is None or row.budget.is_quality or row.spent is None:
        return False
    return row.spent.mean > TOLERANCE * limit


def _spent(row: Row) -> str:
    assert row.spent is not None, "only what was spent can be too much"
    _, unit = row.budget.label.split(" ", 1)
    return f"{row.budget.format_spent(row.spent.mean)} {unit}"
