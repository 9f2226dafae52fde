"""Make the table of settings whose best value is at the edge of its menu."""

from collections.abc import Sequence

from harness.report.paper.typeset import Column, Entry, Table
from harness.store.record import Record

COLUMNS = tuple(Column(head, numeric=False) for head in ("method", "setting", "chosen", "at"))


def menu_edge_table(records: Sequence[Record], name: str) -> Table | None:
    """Return a table with one row per method and setting, or None if no value is at an edge.

    Args:
        records: The records of one dataset.
        name: The dataset, as a part of the names of files.
    """
    budgets: dict[str, dict[str, dict[str, dict[str, None]]]] = {}
    for record in records:
        if record.selection is None:
            continue
        for setting in record.selection.at_edge:
            values = budgets.setdefault(record.method, {}).setdefault(setting, {})
            of_value = values.setdefault(str(record.selection.values[setting]), {})
            if not record.budget.unlimited:
                of_value[record.budget.label] = None
    if not budgets:
        return None
    return Table(
        f"{name}-menu-edges",
        f"{records[0].dataset}: settings at the edge of their menus",
        "The value that was chosen is the least or the largest of its menu, so that one beyond it "
        "may be better.",
        COLUMNS,
        [
            [
                [Entry(method), Entry(setting, code=True), Entry(value), Entry(", ".join(labels))]
                for setting, values in settings.items()
                for value, labels in values.items()
            ]
            for method, settings in budgets.items()
        ],
    )
