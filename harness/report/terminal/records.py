"""Show records as tables in the terminal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rich.markup import escape

from harness.measure.budget import MeanCost
from harness.measure.quality import CUTOFFS
from harness.report.labels import PART_MEANINGS, format_chosen, labels
from harness.report.numbers import percent
from harness.report.terminal.table import TerminalTable
from harness.report.trial_counts import NOUNS, trial_counts
from harness.store.quality import PARTS, Part, Quality
from harness.store.record import Record

FULL_WIDTH = 120
"""The terminal width that lets all columns fit into one table."""


SPLIT_MEASURE = "nDCG@10"
"""The measure that is also shown for seen and for unseen queries."""


@dataclass(frozen=True)
class RecordColumn:
    """A column of the table."""

    header: str
    value: Callable[[Record], str]


IDENTITY = (
    RecordColumn("seed", lambda record: str(record.seed)),
    RecordColumn("budget", lambda record: record.budget.label),
)
QUALITY = (
    RecordColumn("spent", lambda record: _spent(record)),
    RecordColumn("effort", lambda record: str(record.measured.effort)),
)
DEPTH = RecordColumn("depth", lambda record: str(record.depth))
COST = (
    RecordColumn("visited", lambda record: _visited(record.measured.cost)),
    RecordColumn("MACs", lambda record: percent(record.measured.cost.macs)),
    RecordColumn("scan+route", lambda record: _scan_and_route(record.measured.cost)),
    RecordColumn("ms", lambda record: f"{record.measured.latency.search_ms.p50:.3f}"),
)


def record_tables(records: Sequence[Record], width: int) -> list[TerminalTable]:
    """Return one table of the records, or two if the terminal is narrow.

    Budgets, what was spent and costs are per cent of exact search; a ~ marks costs that were
    counted on a sample of the queries. ms is the time of the median query. A measure that no record
    has is left out, and the depth is shown if it differs.
    """
    label_of = labels(records)
    has_menus = any(record.selection for record in records)
    chosen = (RecordColumn("chosen", format_chosen),) if has_menus else ()
    longest = max((len(format_chosen(record)) + 1 for record in records if has_menus), default=0)
    identity = (RecordColumn("method", lambda record: label_of[record.cell]), *IDENTITY, *chosen)
    quality = (*QUALITY, *_metric_columns(records))
    caption = _caption(records)
    if width >= FULL_WIDTH + longest:
        return [_table(records, (*identity, *quality, *COST), caption)]
    return [
        _table(records, (*identity, *quality), caption),
        _table(records, (*identity, *COST)),
    ]


def _metric_columns(records: Sequence[Record]) -> list[RecordColumn]:
    results = [record.result for record in records if record.result is not None]
    depths = {record.depth for record in records if record.status == "ok"}
    columns = [DEPTH] if len(depths) > 1 else []
    for name in CUTOFFS:
        if any(name in result.quality.metrics for result in results):
            columns.append(_metric_column(name, name, lambda quality: quality.metrics))
        if name == SPLIT_MEASURE:
            columns += [_part_column(part) for part in _shown_parts(records)]
    return columns


def _metric_column(
    header: str, name: str, metrics: Callable[[Quality], Mapping[str, float]]
) -> RecordColumn:
    def value(record: Record) -> str:
        mean = metrics(record.measured.quality).get(name)
        return "-" if mean is None else f"{mean:.3f}"

    return RecordColumn(header, value)


def _part_column(part: Part) -> RecordColumn:
    return _metric_column(part, SPLIT_MEASURE, lambda quality: quality.part(part))


def _shown_parts(records: Sequence[Record]) -> list[Part]:
    """Return the parts that contain some but not all of the queries of at least one record."""
    qualities = [record.result.quality for record in records if record.result is not None]
    return [part for part in PARTS if any(0 < q.count(part) < q.queries for q in qualities)]


def _caption(records: Sequence[Record]) -> str:
    """Return the number of test queries of each dataset, of their parts, and of settings tried."""
    qualities = {r.dataset: r.result.quality for r in records if r.result is not None}
    sentences = [
        f"{dataset}: {quality.queries:,} test queries"
        + "".join(f", {quality.count(part):,} {part}" for part in _shown_parts(records))
        for dataset, quality in qualities.items()
    ]
    if _shown_parts(records):
        sentences.append(f"{SPLIT_MEASURE} of the {PART_MEANINGS}")
    tried = trial_counts(records)
    for kind, of_kind in tried.items():
        at = f", by {NOUNS[kind]}" if len(tried) > 1 else ""
        words = ", ".join(f"{label} {count}" for label, count in of_kind.items())
        sentences.append(f"Combinations of settings tried{at}: {words}")
    return "".join(f"{sentence}. " for sentence in sentences).strip()


def _table(
    records: Sequence[Record], columns: Sequence[RecordColumn], caption: str = ""
) -> TerminalTable:
    table = TerminalTable(names=1 + len(IDENTITY), caption=caption)
    table.add_headers((column.header for column in columns), texts=("method", "chosen"))
    for record in records:
        if record.result is None:
            identity = columns[: 1 + len(IDENTITY)]
            table.add_row(*(escape(column.value(record)) for column in identity), record.status)
            continue
        table.add_row(*(escape(column.value(record)) for column in columns))
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
