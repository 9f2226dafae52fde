"""The records of a run as tables for the terminal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.table import Table

from harness.measure.quality import MEASURES
from harness.report.labels import amount, chosen, labels
from harness.store.record import Record

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
    Column("budget", lambda record: amount(record.budget, record.budget_by)),
)
QUALITY = (
    Column("spent", lambda record: _spent(record)),
    Column("effort", lambda record: str(record.effort)),
    Column(
        "queries",
        lambda record: f"all {record.queries}",
        lambda record: f"unseen {record.queries_unseen}",
    ),
    *(_metric(str(measure)) for measure in MEASURES),
)
COST = (
    Column("visited", lambda record: _sampled(record) + _percent(record.visited)),
    Column("MACs", lambda record: _percent(record.macs)),
    Column("scan+route", lambda record: _share_of_macs(record)),
    Column("ms", lambda record: f"{record.latency_ms['p50']:.3f}" if record.latency_ms else ""),
)


def record_tables(records: Sequence[Record], width: int) -> list[Table]:
    """Return one table of the records, or two where the terminal is narrow.

    Budgets, what is spent and costs are per cent of exact search, ~ where a sample of the
    queries was counted; ms is the median query.
    """
    named = labels(records)
    menus = (Column("chosen", chosen),) if any(record.menu for record in records) else ()
    wanted = FULL_WIDTH + max((len(chosen(record)) + 1 for record in records if menus), default=0)
    identity = (Column("method", lambda record: named[record.cell]), *IDENTITY, *menus)
    if width >= wanted:
        return [_table(records, (*identity, *QUALITY, *COST))]
    return [_table(records, (*identity, *QUALITY)), _table(records, (*identity, *COST))]


def _table(records: Sequence[Record], columns: Sequence[Column]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1))
    for column in columns:
        words = column.header in ("method", "queries", "chosen")
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


def _spent(record: Record) -> str:
    if record.budget_by == "latency":
        return f"{record.spent:.3f}"
    return _percent(record.spent)


def _sampled(record: Record) -> str:
    return "" if record.cost_exact else "~"


def _share_of_macs(record: Record) -> str:
    if record.macs is None:
        return ""
    return f"{_percent(record.scan_macs)}+{_percent(record.route_macs)}"


def _percent(fraction: float | None) -> str:
    return "" if fraction is None else f"{100 * fraction:.2f}"
