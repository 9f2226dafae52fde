"""Show a check as a table in the terminal."""

from rich.markup import escape

from harness.regression.check import Check
from harness.regression.verdict import Outcome
from harness.report.check.lines import HEADERS, legend, verdict_lines
from harness.report.terminal.table import TerminalTable

COLOURS = {
    Outcome.REGRESSED: "bold red",
    Outcome.IMPROVED: "green",
    Outcome.PASSED: "",
    Outcome.UNJUDGED: "dim",
}


def regression_table(check: Check) -> TerminalTable:
    """Return a table with one row per verdict."""
    table = TerminalTable(names=3, caption=legend(check))
    table.add_headers(HEADERS, texts=("", "method", "verdict"))
    for line in verdict_lines(check):
        table.add_row(*map(escape, line.texts), style=COLOURS[line.verdict.outcome])
    return table
