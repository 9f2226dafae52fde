"""Make the table of settings whose best value is at the edge of its menu."""

from collections.abc import Collection, Sequence

from harness.measure.budget import Budget
from harness.report.paper.typeset import Column, Entry, Table
from harness.store.record import Record

COLUMNS = tuple(Column(head, numeric=False) for head in ("method", "setting", "chosen", "at"))


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
        COLUMNS,
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
