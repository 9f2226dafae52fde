"""Show an ablation as a table in the terminal."""

from collections.abc import Sequence

from rich.markup import escape

from harness.measure.quality import MEASURE
from harness.report.labels import PART_MEANINGS
from harness.report.numbers import short, with_deviation
from harness.report.rows.ablation import AblationRow
from harness.report.rows.difference import describe_tests
from harness.report.rows.summary import shown_parts
from harness.report.terminal.comparison import DIFFERENCE_HEADERS, difference_cells
from harness.report.terminal.table import TerminalTable


def ablation_table(rows: Sequence[AblationRow]) -> TerminalTable:
    """Return a table with one line per arm and budget; costs are per cent of a full scan."""
    table = TerminalTable(names=2, caption=_caption(rows), tight=True)
    parts = shown_parts(row.summary for row in rows)
    costs = ("MACs", "max/mean", "entropy", "dead")
    headers = ("arm", "budget", MEASURE, *parts, *DIFFERENCE_HEADERS, *costs)
    table.add_headers(headers, texts=("arm", "verdict"))
    previous = None
    for row in rows:
        summary, difference, balance = row.summary, row.difference, row.balance
        cells = [
            "" if row.arm == previous else row.arm,
            summary.budget.label,
            with_deviation(row.quality),
            *(short(summary.part_mean(part, MEASURE) or 0.0) for part in parts),
            *difference_cells(difference),
            f"{100 * summary.macs.mean:.2f}" if summary.macs else "",
            f"{balance['largest_over_mean'].mean:.1f}" if balance else "",
            short(balance["entropy"].mean) if balance else "",
            f"{balance['dead'].mean:.0f}" if balance else "",
        ]
        table.add_row(*map(escape, cells))
        previous = row.arm
    return table


def _caption(rows: Sequence[AblationRow]) -> str:
    if not rows:
        return "Nothing was measured."
    tested = [row.summary for row in rows if row.difference is not None]
    tests = f"{describe_tests(tested, len(tested))} " if tested else ""
    seeds = ", ".join(map(str, rows[0].summary.seeds))
    means = f"Means of the {PART_MEANINGS}. " if shown_parts(row.summary for row in rows) else ""
    return (
        f"{MEASURE}: mean ± standard deviation over the seeds {seeds}, for "
        f"{len(rows[0].summary.per_query):,} queries of {rows[0].summary.dataset}. Difference from "
        f"{rows[0].arm} at the same budget. {tests}{means}Leaves: the largest over the mean, "
        "entropy over its largest possible value, and the number without documents."
    )
