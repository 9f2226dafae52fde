"""The records of a run as tables for the terminal."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from harness.budget import BudgetBy
from harness.menu import written
from harness.quality import MEASURES
from harness.store import Record

SEEDS = "seeds"
"""What a choice was made over, which is no setting and tells records apart all the same."""
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


def labels(records: Sequence[Record]) -> dict[str, str]:
    """Return, by cell, the method's name and those of its settings that differ between records.

    Of settings that were chosen from a menu it is the menu that tells records apart, and only from
    those with the same budget: other budgets may have had other menus.
    """
    flat = {record.cell: _told_apart_by(record) for record in records}
    named = {}
    for record in records:
        others = [other for other in records if other.method == record.method]
        differing = [
            f"{key}={value}"
            for key, value in flat[record.cell].items()
            if any(
                flat[other.cell].get(key) != value and _compares(record, other, key)
                for other in others
            )
        ]
        named[record.cell] = " ".join([record.method, *differing])
    return named


def chosen(record: Record) -> str:
    """Return the values that a record's method has from its menu, in words."""
    return written(record.chosen.get("values") or {})


def amount(budget: float | None, budget_by: BudgetBy) -> str:
    """Return a budget in words."""
    if budget is None:
        return "-"
    if budget_by == "latency":
        return f"{budget:g} ms"
    return f"{100 * budget:g} %" + (" MACs" if budget_by == "macs" else "")


def training_lines(records: Sequence[Record]) -> list[str]:
    """Return what was trained and for how long, a line for the methods of which it is the same."""
    named = labels(records)
    alike: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        if record.status == "ok" and record.training:
            told = record.training
            parts = " and ".join(told["trained_parts"]) or "nothing"
            trained = f"trained the encoder's {parts}, {told['encoder_updates']:,} updates"
            alike.setdefault((trained, told["precision"]), []).append(record)
    return [
        f"{_listed(named[record.cell] for record in group)}: {trained} in {_seconds(group)} "
        f"(seed {_listed(str(record.seed) for record in group)}); encoded in {precision}"
        for (trained, precision), group in alike.items()
    ]


def failures(records: Iterable[Record]) -> list[str]:
    """Return a line for the records that are not ok, one for those of a method and reason."""
    budgets: dict[tuple[str, str, str], dict[str, None]] = {}
    for record in records:
        if record.status != "ok":
            reason = (record.method, record.status, record.reason)
            budgets.setdefault(reason, {})[amount(record.budget, record.budget_by)] = None
    return [
        f"{method}{_at(of_reason)}: {status}: {reason}"
        for (method, status, reason), of_reason in budgets.items()
    ]


def _compares(record: Record, other: Record, key: str) -> bool:
    """Say whether a setting can tell two records apart: one from a menu only at the same budget."""
    if not record.menu or not other.menu or key not in {*record.menu, *other.menu, SEEDS}:
        return True
    return (record.dataset, record.budget, record.budget_by) == (
        other.dataset,
        other.budget,
        other.budget_by,
    )


def _told_apart_by(record: Record) -> dict[str, Any]:
    settings = {
        f"{section}.{key}": value
        for section, values in record.settings.items()
        for key, value in values.items()
    }
    if not record.menu:
        return settings
    menu = {name: "|".join(map(str, values)) for name, values in record.menu.items()}
    return settings | menu | {SEEDS: "|".join(map(str, record.chosen["seeds"]))}


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


def _listed(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))


def _seconds(records: Iterable[Record]) -> str:
    seconds = [record.training["seconds"] for record in records]
    low, high = f"{min(seconds):.0f}", f"{max(seconds):.0f}"
    return f"{low} s" if low == high else f"{low} to {high} s"


def _at(budgets: Iterable[str]) -> str:
    named = ", ".join(budget for budget in budgets if budget != "-")
    return f" at {named}" if named else ""


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
