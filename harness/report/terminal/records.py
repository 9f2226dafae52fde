"""Show records as tables in the terminal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.table import Table

from harness.measure.budget import MeanCost
from harness.measure.quality import MEASURES
from harness.report.labels import format_chosen, labels
from harness.report.numbers import percent
from harness.store.record import Record

FULL_WIDTH = 120
"""The terminal width from which all columns fit into one table."""


def _empty(record: Record) -> str:
    return ""


@dataclass(frozen=True)
class RecordColumn:
    """A column of the table, with up to two lines per record."""

    header: str
    value: Callable[[Record], str]  # for all test queries
    unseen: Callable[[Record], str] = _empty  # for those without a document seen in training


def _metric_column(name: str) -> RecordColumn:
    return RecordColumn(
        name,
        lambda record: f"{record.measured.quality.metrics[name]:.3f}",
        lambda record: f"{(record.measured.quality.metrics_unseen or {})[name]:.3f}",
    )


IDENTITY = (
    RecordColumn("seed", lambda record: str(record.seed)),
    RecordColumn("budget", lambda record: record.budget.label),
)
QUALITY = (
    RecordColumn("spent", lambda record: _spent(record)),
    RecordColumn("effort", lambda record: str(record.measured.effort)),
    RecordColumn(
        "queries",
        lambda record: f"all {record.measured.quality.queries}",
        lambda record: f"unseen {record.measured.quality.queries_unseen}",
    ),
    *(_metric_column(str(measure)) for measure in MEASURES),
)
COST = (
    RecordColumn("visited", lambda record: _visited(record.measured.cost)),
    RecordColumn("MACs", lambda record: percent(record.measured.cost.macs)),
    RecordColumn("scan+route", lambda record: _scan_and_route(record.measured.cost)),
    RecordColumn("ms", lambda record: f"{record.measured.latency.search_ms.p50:.3f}"),
)


def record_tables(records: Sequence[Record], width: int) -> list[Table]:
    """Return one table of the records, or two if the terminal is narrow.

    Budgets, what was spent and costs are per cent of exact search; a ~ marks costs that were
    counted on a sample of the queries. ms is the time of the median query.
    """
    label_of = labels(records)
    has_menus = any(record.selection for record in records)
    chosen = (RecordColumn("chosen", format_chosen),) if has_menus else ()
    longest = max((len(format_chosen(record)) + 1 for record in records if has_menus), default=0)
    identity = (RecordColumn("method", lambda record: label_of[record.cell]), *IDENTITY, *chosen)
    if width >= FULL_WIDTH + longest:
        return [_table(records, (*identity, *QUALITY, *COST))]
    return [_table(records, (*identity, *QUALITY)), _table(records, (*identity, *COST))]


def _table(records: Sequence[Record], columns: Sequence[RecordColumn]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1))
    for column in columns:
        is_text = column.header in ("method", "queries", "chosen")
        table.add_column(column.header, justify="left" if is_text else "right", no_wrap=True)
    for record in records:
        if record.result is None:
            identity = columns[: 1 + len(IDENTITY)]
            table.add_row(*(column.value(record) for column in identity), record.status)
            continue
        table.add_row(*(column.value(record) for column in columns))
        quality = record.result.quality
        if quality.metrics_unseen and quality.queries_unseen != quality.queries:
            unseen = [column.unseen(record) for column in columns]
            if any(unseen):
                table.add_row(*unseen)
    return table


def _spent(record: Record) -> str:
    spent = record.measured.spent
    return "" if spent is None else record.budget.format_spent(spent)


def _visited(cost: MeanCost) -> str:
    return ("" if cost.exact else "~") + percent(cost.visited)


def _scan_and_route(cost: MeanCost) -> str:
    if cost.macs is None:
        return ""
    return f"{percent(cost.scan_macs)}+{percent(cost.route_macs)}"
