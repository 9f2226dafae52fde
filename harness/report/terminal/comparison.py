"""Show the differences of rows from a baseline in the terminal."""

from collections.abc import Sequence

from rich.markup import escape

from harness.report.numbers import probability, short
from harness.report.rows.comparison import Comparison
from harness.report.rows.difference import Difference, describe_tests
from harness.report.rows.summary import Row
from harness.report.terminal.table import TerminalTable

DIFFERENCE_HEADERS = ("difference", "corrected", "detectable", "verdict")


def comparison_table(rows: Sequence[Row], measure: str, comparison: Comparison) -> TerminalTable:
    """Return a table of the differences, one line for each row that is compared."""
    pairs = zip(rows, comparison.differences, strict=True)
    compared = [(row, difference) for row, difference in pairs if difference is not None]
    several = len({row.dataset for row in rows}) > 1
    caption = f"{measure}: difference from {comparison.baseline} at the same budget. "
    caption += describe_tests([row for row, _ in compared], len(compared))
    table = TerminalTable(names=2 + several, caption=caption)
    headers = (*(["dataset"] if several else []), "method", "budget", *DIFFERENCE_HEADERS)
    table.add_headers(headers, texts=("dataset", "method", "verdict"))
    for row, difference in compared:
        identity = [*([row.dataset] if several else []), row.label, row.budget.label]
        table.add_row(*map(escape, (*identity, *difference_cells(difference))))
    return table


def against_table(rows: Sequence[Row], comparisons: Sequence[Comparison]) -> TerminalTable:
    """Return a table of the differences from several baselines, the rows of each together."""
    table = TerminalTable(names=3)
    headers = ("method", "budget", "against", *DIFFERENCE_HEADERS)
    table.add_headers(headers, texts=("method", "against", "verdict"))
    for comparison in comparisons:
        for row, difference in zip(rows, comparison.differences, strict=True):
            if difference is not None:
                identity = (row.label, row.budget.label, comparison.baseline)
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
