"""How records are named in words: methods with the settings that differ, budgets, failures."""

from collections.abc import Iterable, Sequence
from typing import Any

from harness.plan.menu import format_values
from harness.store.record import Record

SEEDS = "seeds"
"""What a choice was made over, which is no setting and tells records apart all the same."""


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
    return "" if record.selection is None else format_values(record.selection.values)


def training_lines(records: Sequence[Record]) -> list[str]:
    """Return what was trained and for how long, a line for the methods of which it is the same."""
    named = labels(records)
    alike: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        if record.result is not None and (training := record.result.training) is not None:
            parts = " and ".join(training.trained_parts) or "nothing"
            trained = f"trained the encoder's {parts}, {training.encoder_updates:,} updates"
            alike.setdefault((trained, training.precision), []).append(record)
    return [
        f"{_listed(named[record.cell] for record in group)}: {trained} in {_seconds(group)} "
        f"(seed {_listed(str(record.seed) for record in group)}); encoded in {precision}"
        for (trained, precision), group in alike.items()
    ]


def failures(records: Iterable[Record]) -> list[str]:
    """Return a line for the records that are not ok, one for those of a method and reason."""
    budgets: dict[tuple[str, str, str], dict[str, None]] = {}
    for record in records:
        if record.failure is not None:
            reason = (record.method, record.status, record.failure.reason)
            budgets.setdefault(reason, {})[record.budget.label] = None
    return [
        f"{method}{_at(of_reason)}: {status}: {reason}"
        for (method, status, reason), of_reason in budgets.items()
    ]


def _compares(record: Record, other: Record, key: str) -> bool:
    """Say whether a setting can tell two records apart: one from a menu only at the same budget."""
    if record.selection is None or other.selection is None:
        return True
    if key not in {*record.selection.menu, *other.selection.menu, SEEDS}:
        return True
    return (record.dataset, record.budget) == (other.dataset, other.budget)


def _told_apart_by(record: Record) -> dict[str, Any]:
    settings = {
        f"{section}.{key}": value
        for section, values in record.settings.items()
        for key, value in values.items()
    }
    if record.selection is None:
        return settings
    menu = {name: "|".join(map(str, values)) for name, values in record.selection.menu.items()}
    return settings | menu | {SEEDS: "|".join(map(str, record.selection.choice.seeds))}


def _listed(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))


def _seconds(records: Iterable[Record]) -> str:
    seconds = [record.measured.durations.train for record in records]
    low, high = f"{min(seconds):.0f}", f"{max(seconds):.0f}"
    return f"{low} s" if low == high else f"{low} to {high} s"


def _at(budgets: Iterable[str]) -> str:
    named = ", ".join(budget for budget in budgets if budget != "-")
    return f" at {named}" if named else ""


CEILING = "exact"
