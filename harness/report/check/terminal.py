"""A check as a table for the terminal."""

from rich.markup import escape
from rich.table import Table

from harness.regression.check import Check
from harness.regression.verdict import Outcome
from harness.report.check.lines import HEADERS, legend, lines_of

COLOURS = {
    Outcome.REGRESSED: "bold red",
    Outcome.IMPROVED: "green",
    Outcome.PASSED: "",
    Outcome.UNJUDGED: "dim",
}


def regression_table(check: Check) -> Table:
    """Return a row a verdict."""
    table = Table(
        box=None,
        header_style="bold",
        pad_edge=False,
        padding=(0, 1),
        caption=escape(legend(check)),
        caption_justify="left",
    )
    for header in HEADERS:
        words = header in ("", "method", "verdict")
        table.add_column(header, justify="left" if words else "right", no_wrap=header != "method")
    for line in lines_of(check):
        table.add_row(*map(escape, line.cells), style=COLOURS[line.verdict.outcome])
    return table
