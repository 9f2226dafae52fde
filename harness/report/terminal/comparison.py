"""Show the differences of rows from a baseline in the terminal."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from harness.report.numbers import probability, short
from harness.report.rows.comparison import Comparison
from harness.report.rows.difference import Difference, describe_tests
from harness.report.rows.summary import Row

DIFFERENCE_HEADERS = ("difference", "corrected", "detectable", "verdict")


def comparison_table(rows: Sequence[Row], measure: str, comparison: Comparison) -> Table:
    """Return a table of the differences, one line for each row that is compared."""
    pairs = zip(rows, comparison.differences, strict=True)
    compared = [(row, difference) for row, difference in pairs if difference is not None]
    several = len({row.dataset for row in rows}) > 1
    table = Table(
        box=None,
        header_style="bold",
        pad_edge=False,
        padding=(0, 1),
        caption=escape(
            f"{measure}: difference from {comparison.baseline} at the same budget. "
            + describe_tests([row for row, _ in compared], len(compared))
        ),
        caption_justify="left",
    )
    for header in (*(["dataset"] if several else []), "method", "budget", *DIFFERENCE_HEADERS):
        is_text = header in ("dataset", "method", "verdict")
        table.add_column(header, justify="left" if is_text else "right", no_wrap=header != "method")
    for row, difference in compared:
        identity = [*([row.dataset] if several else []), row.label, row.budget.label]
        table.add_row(*map(escape, (*identity, *difference_cells(difference))))
    return table


def difference_cells(difference: Difference | None) -> tuple[str, ...]:
    """Return the cells under DIFFERENCE_HEADERS, all empty if there is no difference."""
    if difference is None:
        return ("",) * len(DIFFERENCE_HEADERS)
    return (
        short(difference.mean, sign="+"),
        probability(difference.p),
        short(difference.detectable),
        difference.conclusion,
    )
