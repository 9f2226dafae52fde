"""Make the tables about menus: how much was tried of them, and what is best at their edges."""

from collections.abc import Collection, Sequence

from harness.measure.budget import Budget
from harness.report.paper.typeset import Column, Entry, Table
from harness.report.trial_counts import NOUNS, trial_counts
from harness.store.record import Record

EDGE_COLUMNS = tuple(Column(head, numeric=False) for head in ("method", "setting", "chosen", "at"))


def trials_table(records: Sequence[Record], name: str) -> Table | None:
    """Return a table with one row per method and one column per kind of budget.

    It is None if nothing was chosen.

    Args:
        records: The records of one dataset.
        name: The dataset, as part of a file name.
    """
    found = trial_counts(records)
    if not found:
        return None
    labels = dict.fromkeys(label for of_kind in found.values() for label in of_kind)
    heads = [NOUNS[kind] for kind in found]
    return Table(
        f"{name}-trials",
        f"{records[0].dataset}: how many combinations of settings each method tried",
        "The combinations that a method chose among at every budget, on the tuning queries. 24 of "
        "48: the defaults and a fixed random sample of the others in its menu; all 48: the whole "
        "menu. Those that cannot work, or cannot keep to a budget, count too.",
        [Column("method", numeric=False), *(Column(head, numeric=False) for head in heads)],
        [
            [
                [Entry(label), *(Entry(of_kind.get(label, "-")) for of_kind in found.values())]
                for label in labels
            ]
        ],
    )


def menu_edge_table(records: Sequence[Record], name: str) -> Table | None:
    """Return a table with one row per method and setting, or None if no value is at an edge.

    Args:
        records: The records of one dataset.
        name: The dataset, as part of a file name.
    """
    edges: dict[str, dict[tuple[str, str], set[Budget]]] = {}
    for record in records:
        if record.selection is None:
            continue
        for setting in record.selection.at_edge:
            chosen = setting, str(record.selection.values[setting])
            budgets = edges.setdefault(record.method, {}).setdefault(chosen, set())
            budgets |= set() if record.budget.unlimited else {record.budget}
    if not edges:
        return None
    return Table(
        f"{name}-menu-edges",
        f"{records[0].dataset}: settings at the edge of their menus",
        "The value that was chosen is the least or the largest of its menu, so that one beyond it "
        "may be better.",
        EDGE_COLUMNS,
        [
            [
                [Entry(method), Entry(setting, code=True), Entry(value), Entry(_list(budgets))]
                for (setting, value), budgets in sorted(chosen.items())
            ]
            for method, chosen in edges.items()
        ],
    )


def _list(budgets: Collection[Budget]) -> str:
    return ", ".join(each.label for each in sorted(budgets, key=lambda budget: budget.sort_key))
