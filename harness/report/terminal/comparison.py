"""Show the differences of rows from a baseline in the terminal."""

from collections.abc import Sequence

from rich.markup import escape

from harness.report.numbers import probability, short
from harness.report.rows.comparison import Comparison
from harness.report.rows.difference import (
    PART_DIFFERENCES,
    Difference,
    describe_tests,
    part_difference,
)
from harness.report.rows.summary import Row, shown_parts
from harness.report.terminal.table import TerminalTable

DIFFERENCE_HEADERS = ("difference", "corrected", "detectable", "verdict")


def comparison_table(rows: Sequence[Row], measure: str, comparison: Comparison) -> TerminalTable:
    """Return a table of the differences, one line for each row that is compared."""
    compared = comparison.pairs(rows)
    several, parts = len({row.dataset for row in rows}) > 1, shown_parts(rows)
    caption = f"{measure}: difference from {comparison.baseline} at the same budget. "
    caption += describe_tests([row for row, *_ in compared], len(compared))
    caption += f" {PART_DIFFERENCES}" if parts else ""
    table = TerminalTable(names=2 + several, caption=caption)
    headers = (*(["dataset"] if several else []), "method", "budget", *difference_headers(parts))
    table.add_headers(headers, texts=("dataset", "method", "verdict"))
    for row, other, difference in compared:
        identity = [*([row.dataset] if several else []), row.label, row.budget.label]
        own = [part_difference(row, other, part, measure) for part in parts]
        table.add_row(*map(escape, (*identity, *difference_cells(difference, own))))
    return table


def against_table(
    rows: Sequence[Row], measure: str, comparisons: Sequence[Comparison]
) -> TerminalTable:
    """Return a table of the differences from several baselines, the rows of each together."""
    table, parts = TerminalTable(names=3), shown_parts(rows)
    headers = ("method", "budget", "against", *difference_headers(parts))
    table.add_headers(headers, texts=("method", "against", "verdict"))
    for comparison in comparisons:
        for row, other, difference in comparison.pairs(rows):
            identity = (row.label, row.budget.label, comparison.baseline)
            own = [part_difference(row, other, part, measure) for part in parts]
            table.add_row(*map(escape, (*identity, *difference_cells(difference, own))))
    return table


def difference_headers(parts: Sequence[str]) -> tuple[str, ...]:
    """Return DIFFERENCE_HEADERS, with the parts of the queries next to the difference of all."""
    return (DIFFERENCE_HEADERS[0], *parts, *DIFFERENCE_HEADERS[1:])


def difference_cells(
    difference: Difference | None, of_parts: Sequence[float | None] = ()
) -> tuple[str, ...]:
    """Return one cell per header in `difference_headers`, or empty cells without a difference."""
    if difference is None:
        return ("",) * (len(DIFFERENCE_HEADERS) + len(of_parts))
    return (
        short(difference.mean, sign="+"),
        *("-" if mean is None else short(mean, sign="+") for mean in of_parts),
        probability(difference.p),
        short(difference.detectable),
        difference.conclusion,
    )
