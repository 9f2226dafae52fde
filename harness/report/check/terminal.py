"""Show a check as a table in the terminal."""

from rich.markup import escape
from rich.table import Table

from harness.regression.check import Check
from harness.regression.verdict import Outcome
from harness.report.check.lines import HEADERS, legend, verdict_lines

COLOURS = {
    Outcome.REGRESSED: "bold red",
    Outcome.IMPROVED: "green",
    Outcome.PASSED: "",
    Outcome.UNJUDGED: "dim",
}


def regression_table(check: Check) -> Table:
    """Return a table with one row per verdict."""
    table = Table(
        box=None,
        header_style="bold",
        pad_edge=False,
        padding=(0, 1),
        caption=escape(legend(check)),
        caption_justify="left",
    )
    for header in HEADERS:
        is_text = header in ("", "method", "verdict")
        table.add_column(header, justify="left" if is_text else "right", no_wrap=header != "method")
    for line in verdict_lines(check):
        table.add_row(*map(escape, line.texts), style=COLOURS[line.verdict.outcome])
    return table
