"""Show a drift in the terminal: what its arms find and cost, and what adding documents loses."""

from collections.abc import Sequence

from rich.markup import escape

from harness.measure.quality import MEASURE
from harness.report.labels import PART_MEANINGS
from harness.report.numbers import percent, short, with_deviation
from harness.report.rows.difference import PART_DIFFERENCES, describe_tests
from harness.report.rows.drift import RECALL, DriftDifference, DriftRow, shown_drift_parts
from harness.report.terminal.comparison import difference_cells, difference_headers
from harness.report.terminal.table import TerminalTable
from harness.store.drifts import DriftRecord

ARRIVALS = ("first", "later")
TEXT_COLUMNS = ("method", "arm", "from", "verdict")


def drift_table(rows: Sequence[DriftRow], share: float) -> TerminalTable:
    """Return a table with one line per arm."""
    parts = (*shown_drift_parts(rows), *ARRIVALS)
    headers = ("method", "budget", "arm", MEASURE, *parts, RECALL)
    table = TerminalTable(names=3, caption=_caption(rows, share), tight=True)
    costs = ("visited", "MACs", "effort", "max/mean", "seconds")
    table.add_headers((*headers, *costs), TEXT_COLUMNS)
    previous = None
    for row in rows:
        identity = row.method, row.budget.label
        means = [row.quality[part].mean if part in row.quality else None for part in parts]
        cells = [
            *(identity if identity != previous else ("", "")),
            row.arm,
            with_deviation(row.quality["all"]),
            *("-" if mean is None else short(mean) for mean in means),
            short(row.recall),
            percent(row.visited),
            percent(row.macs),
            f"{row.effort:g}",
            "" if row.largest_over_mean is None else f"{row.largest_over_mean:.1f}",
            f"{row.seconds:.1f}",
        ]
        table.add_row(*map(escape, cells))
        previous = identity
    return table


def drift_difference_table(differences: Sequence[DriftDifference]) -> TerminalTable:
    """Return a table of how far adding is above rebuilding and above retraining, one line each."""
    compared = [each.row for each in differences]
    parts = shown_drift_parts(compared)
    caption = f"{MEASURE} of all test queries: difference of added from the other arms. "
    caption += describe_tests(compared, len(compared))
    caption += f" {PART_DIFFERENCES}" if parts else ""
    table = TerminalTable(names=3, caption=caption, tight=True)
    table.add_headers(("method", "budget", "from", *difference_headers(parts)), TEXT_COLUMNS)
    for each in differences:
        identity = (each.row.method, each.row.budget.label, each.other.arm)
        own = [each.of_part(part) for part in parts]
        table.add_row(*map(escape, (*identity, *difference_cells(each.difference, own))))
    return table


def drift_failures(records: Sequence[DriftRecord]) -> list[str]:
    """Return one line per method, arm and reason for which there is no result."""
    lines: dict[str, None] = {}
    for record in records:
        if record.failure is not None:
            lines[f"{record.method}, {record.arm}: {record.failure.reason}"] = None
    return list(lines)


def _caption(rows: Sequence[DriftRow], share: float) -> str:
    if not rows:
        return "Nothing was measured."
    first, numbers = rows[0], ", ".join(map(str, rows[0].seeds))
    seeds = f"the seeds {numbers}" if len(first.seeds) > 1 else f"seed {numbers}"
    counts = {part: f"{first.queries.get(part, 0):,}" for part in ("all", *ARRIVALS)}
    seen = [f"{first.queries[part]:,} {part}" for part in shown_drift_parts(rows)]
    split = f"Of the {PART_MEANINGS}: {' and '.join(seen)}. " if seen else ""
    return (
        f"About {100 * share:g} % of the documents arrive later. They are added; or the index is "
        "built again on all documents, by the same encoder and router; or all is trained and built "
        f"on all documents. {MEASURE}: mean over {seeds}, for {counts['all']} test "
        f"queries; for {counts['first']} whose relevant documents were all there first, and for "
        f"{counts['later']} with a later one. {split}Visited and MACs in % of a full scan. "
        "max/mean: the largest list over the mean. Seconds to add; to build; to train and build; "
        "without embedding."
    )
