"""Describe records in words: labels that distinguish them, and lines on training and failures."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from harness.plan.menu import format_values
from harness.retired_settings import RETIRED_SETTINGS
from harness.store.provenance import SHARED_NODE
from harness.store.record import Record, Training

CEILING = "exact"
"""Exact search, the method whose quality no index exceeds except by chance."""
PART_MEANINGS = (
    "seen queries, which have a relevant document that is relevant to a training query too, and of "
    "the unseen ones, which have none"
)
"""Describes the parts of the test queries, in words that follow "of the"."""
DEPTH = "depth"
"""The key of the number of documents that a query asked for, which is not a setting."""
SEARCH = "search"
"""The key of the place that searches, as --search-device spells it."""
SELECTION_SEEDS = "seeds"
"""The key of the seeds that a selection was made over. They are not a setting either, but they
distinguish records."""


def labels(records: Sequence[Record]) -> dict[str, str]:
    """Return, by cell, the method's name and those of its settings that differ between records.

    For settings that were selected from a menu, the menu is compared instead of the value, and only
    between records with the same dataset and budget: others may have had another menu. Records that
    selected settings for different kinds of budgets are not told apart.
    """
    settings = {record.cell: _distinguishing_settings(record) for record in records}
    label_of = {}
    for record in records:
        others = [other for other in records if other.method == record.method]
        differing = [
            f"{key}={value}"
            for key, value in settings[record.cell].items()
            if any(
                settings[other.cell].get(key) != value and _is_comparable(key, record, other)
                for other in others
            )
        ]
        label_of[record.cell] = " ".join([record.method, *differing])
    return label_of


def format_chosen(record: Record) -> str:
    """Return the values that were selected from the record's menu, or "" without a menu."""
    return "" if record.selection is None else format_values(record.selection.values)


def training_lines(records: Sequence[Record]) -> list[str]:
    """Return what was trained and how long it took, in one line for all methods with equal work."""
    label_of = labels(records)
    groups: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        if record.result is not None and (training := record.result.training) is not None:
            parts = " and ".join(training.trained_parts)
            work = f"trained the encoder's {parts}, {training.encoder_updates:,} updates"
            if not parts:
                work = "trained no part of the encoder"
            encoded = f"encoded in {training.precision}{_prompts(training)}"
            groups.setdefault((work, encoded), []).append(record)
    lines = []
    for (work, encoded), group in groups.items():
        names = _join_distinct(label_of[record.cell] for record in group)
        seeds = _join_distinct(str(record.seed) for record in group)
        seconds = _training_seconds(group)
        lines.append(f"{names}: {work} in {seconds} (seed {seeds}); {encoded}")
    return lines


def shared_node_lines(records: Sequence[Record]) -> list[str]:
    """Return a line on the cells that were timed on a node that other jobs may have shared."""
    shared = sum(record.provenance.slurm.get("use") == SHARED_NODE for record in records)
    if not shared:
        return []
    return [
        f"{shared} of {len(records)} cells were timed on a node that other Slurm jobs may have "
        "shared, so their times are no measure of speed"
    ]


def unmatched_lines(
    records: Sequence[Record], per_query: Callable[[str], Mapping[str, Sequence[Any]]]
) -> list[str]:
    """Return one line per lexical method that some test queries share no word with.

    `per_query` returns the columns of a cell. A method without training is lexical, and visits the
    documents that have a word of the query.
    """
    label_of = labels(records)
    lines: dict[str, None] = {}
    for record in records:
        if record.result is None or record.result.training is not None:
            continue
        visited = per_query(record.cell).get("visited", [])
        if unmatched := sum(count == 0 for count in visited):
            lines[
                f"{label_of[record.cell]}: {unmatched:,} of {len(visited):,} test queries share no "
                "word with any document"
            ] = None
    return list(lines)


def menu_edge_lines(records: Sequence[Record]) -> list[str]:
    """Return one line per method for the settings whose best value is at the edge of its menu."""
    chosen: dict[str, dict[str, dict[str, None]]] = {}
    for record in records:
        if record.selection is not None:
            for name in record.selection.at_edge:
                value = f"{name}={record.selection.values[name]}"
                budgets = chosen.setdefault(record.method, {}).setdefault(value, {})
                budgets[record.budget.label] = None
    return [
        f"{method} chose values at the edge of its menu; values beyond may be better: "
        + "; ".join(f"{value}{_at_budgets(budgets)}" for value, budgets in values.items())
        for method, values in chosen.items()
    ]


def retired_setting_lines(records: Sequence[Record]) -> list[str]:
    """Return one line per retired setting that changed the result of records, and how many."""
    lines = []
    for name, retired in RETIRED_SETTINGS.items():
        section, _, key = name.partition(".")
        values = [record.settings.get(section, {}).get(key, retired.default) for record in records]
        count = sum(value != retired.default for value in values)
        if count:
            made = "1 record was" if count == 1 else f"{count} records were"
            lines.append(
                f"{made} made with {name}, which was removed in ehibench {retired.since}: "
                f"{retired.reason}"
            )
    return lines


def failures(records: Iterable[Record]) -> list[str]:
    """Return one line per reason for which records failed or are unavailable, with the methods."""
    reasons: dict[tuple[str, str], dict[str, dict[str, None]]] = {}
    for record in records:
        if record.failure is not None:
            budgets = reasons.setdefault((record.status, record.failure.reason), {})
            budgets.setdefault(record.method, {})[record.budget.label] = None
    return [
        f"{'; '.join(f'{name}{_at_budgets(failed)}' for name, failed in budgets.items())}: "
        f"{status}: {reason}"
        for (status, reason), budgets in reasons.items()
    ]


def _is_comparable(key: str, record: Record, other: Record) -> bool:
    """Decide whether a setting can distinguish two records.

    One that was selected from a menu can only do so at the same dataset and budget, and the depth
    only between records that have a result. If both selected some of their settings, the others
    count for one kind of budget, since what is never compared needs no other name.
    """
    if key == DEPTH:
        return record.result is not None and other.result is not None
    if record.selection is None or other.selection is None:
        return True
    if record.budget.kind != other.budget.kind:
        return False
    if key not in {*record.selection.menu, *other.selection.menu, SELECTION_SEEDS}:
        return True
    return (record.dataset, record.budget) == (other.dataset, other.budget)


def _distinguishing_settings(record: Record) -> Mapping[str, Any]:
    """Return settings by "section.key", with the menu for those that were selected from one."""
    settings = {
        f"{section}.{key}": value
        for section, values in record.settings.items()
        for key, value in values.items()
    }
    settings[SEARCH] = record.provenance.searched_on
    settings[DEPTH] = record.depth
    if record.selection is None:
        return settings
    menu = {name: "|".join(map(str, values)) for name, values in record.selection.menu.items()}
    return settings | menu | {SELECTION_SEEDS: "|".join(map(str, record.selection.choice.seeds))}


def _prompts(training: Training) -> str:
    """Return the prompts in words, such as `, queries after "query: "`, or "" without any."""
    prompts = {"queries": training.query_prompt, "documents": training.document_prompt}
    return "".join(f', {kind} after "{prompt}"' for kind, prompt in prompts.items() if prompt)


def _join_distinct(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))


def _training_seconds(records: Iterable[Record]) -> str:
    seconds = [record.measured.durations.train for record in records]
    low, high = f"{min(seconds):.0f}", f"{max(seconds):.0f}"
    return f"{low} s" if low == high else f"{low} to {high} s"


def _at_budgets(labels: Iterable[str]) -> str:
    limited = ", ".join(label for label in labels if label != "-")
    return f" at {limited}" if limited else ""
