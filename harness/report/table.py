"""The records of a run as tables for the terminal."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rich.table import Table

from harness.quality import MEASURES
from harness.store import Record

FULL_WIDTH = 120
"""Columns of text that the table takes in one piece; below, it comes in two."""


def _nothing(record: Record) -> str:
    return ""


@dataclass(frozen=True)
class Column:
    """A column: what it says of all test queries, and of the unseen ones in the line below."""

    header: str
    value: Callable[[Record], str]
    unseen: Callable[[Record], str] = _nothing


def _metric(name: str) -> Column:
    return Column(
        name,
        lambda record: f"{record.metrics[name]:.3f}" if record.metrics else "",
        lambda record: f"{record.metrics_unseen[name]:.3f}" if record.metrics_unseen else "",
    )


IDENTITY = (
    Column("seed", lambda record: str(record.seed)),
    Column("budget", lambda record: _budget(record)),
)
QUALITY = (
    Column("spent", lambda record: _percent(record.spent)),
    Column("effort", lambda record: str(record.effort)),
    Column(
        "queries",
        lambda record: f"all {record.queries}",
        lambda record: f"unseen {record.queries_unseen}",
    ),
    *(_metric(str(measure)) for measure in MEASURES),
)
COST = (
    Column("visited", lambda record: _percent(record.visited)),
    Column("MACs", lambda record: _percent(record.macs)),
    Column(
        "scan+route",
        lambda record: f"{_percent(record.scan_macs)}+{_percent(record.route_macs)}",
    ),
    Column("ms", lambda record: f"{record.latency_ms['p50']:.3f}" if record.latency_ms else ""),
)


def record_tables(records: Sequence[Record], width: int) -> list[Table]:
    """Return one table of the records, or two where the terminal is narrow.

    Budgets, what is spent and costs are per cent of exact search, ms the median query.
    """
    named = labels(records)
    identity = (Column("method", lambda record: named[record.cell]), *IDENTITY)
    if width >= FULL_WIDTH:
        return [_table(records, (*identity, *QUALITY, *COST))]
    return [_table(records, (*identity, *QUALITY)), _table(records, (*identity, *COST))]


def labels(records: Sequence[Record]) -> dict[str, str]:
    """Return, by cell, the method's name and those of its settings that differ between records."""
    flat = {
        record.cell: {
            f"{section}.{key}": value
            for section, values in record.settings.items()
            for key, value in values.items()
        }
        for record in records
    }
    named = {}
    for record in records:
        others = [flat[other.cell] for other in records if other.method == record.method]
        differing = [
            f"{key}={value}"
            for key, value in flat[record.cell].items()
            if any(other.get(key) != value for other in others)
        ]
        named[record.cell] = " ".join([record.method, *differing])
    return named


def training_lines(records: Sequence[Record]) -> list[str]:
    """Return a line a method and seed that says what was trained, and for how long."""
    lines = {}
    named = labels(records)
    for record in records:
        if record.status == "ok":
            told = record.training
            parts = " and ".join(told["trained_parts"]) or "nothing"
            lines[named[record.cell], record.seed] = (
                f"{named[record.cell]}, seed {record.seed}: trained the encoder's {parts}, "
                f"{told['encoder_updates']:,} updates, {told['seconds']:.0f} s; "
                f"encoded in {told['precision']}"
            )
    return list(lines.values())


def failures(records: Iterable[Record]) -> list[str]:
    """Return a line for every record that is not ok."""
    return [
        f"{record.method} at {_budget(record)}: {record.status}: {record.reason}"
        for record in records
        if record.status != "ok"
    ]


def _table(records: Sequence[Record], columns: Sequence[Column]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1))
    for column in columns:
        words = column.header in ("method", "queries")
        table.add_column(column.header, justify="left" if words else "right", no_wrap=True)
    for record in records:
        if record.status != "ok":
            identity = columns[: 1 + len(IDENTITY)]
            table.add_row(*(column.value(record) for column in identity), record.status)
            continue
        table.add_row(*(column.value(record) for column in columns))
        if record.metrics_unseen and record.queries_unseen != record.queries:
            unseen = [column.unseen(record) for column in columns]
            if any(unseen):
                table.add_row(*unseen)
    return table


def _budget(record: Record) -> str:
    if record.budget is None:
        return "-"
    return f"{100 * record.budget:g} %" + (" MACs" if record.budget_by == "macs" else "")


def _percent(fraction: float | None) -> str:
    return "" if fraction is None else f"{100 * fraction:.2f}"
