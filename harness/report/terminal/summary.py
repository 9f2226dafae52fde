"""Show the rows of a summary in the terminal."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from harness.report.numbers import Spread, percent, short, with_deviation
from harness.report.rows.summary import Row


def summary_table(rows: Sequence[Row], measure: str) -> Table:
    """Return a table of the measure over seeds."""
    several = len({row.dataset for row in rows}) > 1
    menus = any(row.chosen for row in rows)
    headers = [
        *(["dataset"] if several else []),
        *("method", "budget", *(["chosen"] if menus else []), "seeds"),
        *("spent", "MACs", "ms", measure, "95 % interval"),
    ]
    table = Table(
        box=None,
        header_style="bold",
        pad_edge=False,
        padding=(0, 1),
        caption=escape(_caption(rows, measure)),
        caption_justify="left",
    )
    for header in headers:
        is_text = header in ("dataset", "method", "chosen")
        table.add_column(header, justify="left" if is_text else "right", no_wrap=header != "method")
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
            "[{}, {}]".format(*map(short, row.interval)),
        ]
        table.add_row(*map(escape, cells))
    return table


def _caption(rows: Sequence[Row], measure: str) -> str:
    counts = {row.dataset: len(row.per_query) for row in rows}
    queries = " and ".join(f"{count:,} queries of {name}" for name, count in counts.items())
    return (
        f"{measure}: mean ± standard deviation over seeds, and the bootstrap interval over "
        f"{queries}."
    )


def _format_spent(row: Row) -> str:
    if row.spent is None:
        return ""
    return row.budget.format_spent(row.spent.mean)


def _format_percent(fraction: Spread | None) -> str:
    return percent(None if fraction is None else fraction.mean)
