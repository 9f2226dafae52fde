"""Show the rows of a summary in the terminal."""

from collections.abc import Sequence

from rich.markup import escape

from harness.report.labels import PART_MEANINGS
from harness.report.numbers import Spread, percent, short, with_deviation
from harness.report.rows.summary import Row, shown_parts
from harness.report.terminal.table import TerminalTable
from harness.store.quality import Part


def summary_table(rows: Sequence[Row], measure: str) -> TerminalTable:
    """Return a table of the measure over seeds."""
    several = len({row.dataset for row in rows}) > 1
    menus = any(row.chosen for row in rows)
    parts = shown_parts(rows)
    headers = [
        *(["dataset"] if several else []),
        *("method", "budget", *(["chosen"] if menus else []), "seeds"),
        *("spent", "MACs", "ms", measure, *parts, "95 % interval"),
    ]
    table = TerminalTable(names=2 + several, caption=_caption(rows, measure))
    table.add_headers(headers, texts=("dataset", "method", "chosen"))
    for row in rows:
        cells = [
            *([row.dataset] if several else []),
            row.label,
            row.budget.label,
            *([row.chosen] if menus else []),
            str(len(row.seeds)),
            _format_spent(row),
            _format_percent(row.macs),
            "" if row.latency_p50_ms is None else f"{row.latency_p50_ms.mean:.3f}",
            with_deviation(row.metrics[measure]),
            *(_format_part(row, part, measure) for part in parts),
            "[{}, {}]".format(*map(short, row.interval)),
        ]
        table.add_row(*map(escape, cells))
    return table


def _caption(rows: Sequence[Row], measure: str) -> str:
    counts = {row.dataset: len(row.per_query) for row in rows}
    queries = " and ".join(f"{count:,} queries of {name}" for name, count in counts.items())
    caption = (
        f"{measure}: mean ± standard deviation over seeds, and the bootstrap interval over "
        f"{queries}."
    )
    if parts := shown_parts(rows):
        shares = " and ".join(f"{_counts(rows, part)} {part}" for part in parts)
        caption += f" Means of the {PART_MEANINGS}: {shares}."
    return caption


def _format_spent(row: Row) -> str:
    if row.spent is None:
        return ""
    return row.budget.format_spent(row.spent.mean)


def _format_part(row: Row, part: Part, measure: str) -> str:
    mean = row.part_mean(part, measure)
    return "-" if mean is None else short(mean)


def _counts(rows: Sequence[Row], part: Part) -> str:
    """Return the number of queries of a part, of every dataset."""
    counts = {row.dataset: row.part_counts.get(part, 0) for row in rows}
    return " + ".join(f"{count:,}" for count in counts.values())


def _format_percent(fraction: Spread | None) -> str:
    return percent(None if fraction is None else fraction.mean)
