"""Count the combinations of settings that each method tried, for each kind of budget."""

from collections.abc import Mapping, Sequence
from math import prod

from harness.measure.budget import BudgetKind
from harness.report.findings.stated import KINDS
from harness.report.labels import labels
from harness.store.record import Record, Selection

NOUNS: Mapping[BudgetKind, str] = {
    "visited": KINDS["visited"],
    "macs": KINDS["macs"],
    "latency": KINDS["latency"],
    "overlap": "overlap to reach",
    "ndcg": "quality to reach",
}
"""The noun for each kind of budget, in the order of columns."""


def trial_counts(records: Sequence[Record]) -> dict[BudgetKind, dict[str, str]]:
    """Return by kind of budget and label how many combinations were tried: "24 of 48".

    Records that had nothing to choose from are left out. Budgets of a kind that differ, because
    their menus do, are joined: "all 12 or all 4".
    """
    label_of = labels(records)
    found: dict[BudgetKind, dict[str, dict[str, None]]] = {}
    for record in records:
        if words := tried_in_words(record.selection):
            of_kind = found.setdefault(record.budget.kind, {})
            of_kind.setdefault(label_of[record.cell], {})[words] = None
    return {
        kind: {label: " or ".join(words) for label, words in found[kind].items()}
        for kind in NOUNS
        if kind in found
    }


def tried_in_words(selection: Selection | None) -> str:
    """Return "24 of 48" for a sample of a menu's combinations, and "all 48" for the whole menu.

    Combinations that failed count, too. Return "" for a menu with a single combination, and
    without a menu.
    """
    if selection is None:
        return ""
    tried, every = len(selection.choice.trials), prod(map(len, selection.menu.values()))
    if every == 1:
        return ""
    return f"all {every}" if tried == every else f"{tried} of {every}"
