"""`ehibench list`: the methods, datasets and encoders, and whether they are available."""

from dataclasses import dataclass

import click
from rich.markup import escape
from rich.table import Table

from harness.commands.console import output_console
from harness.datasets import SOURCES
from methods.encoder.sources import PACKAGED
from methods.registry import methods


@dataclass(frozen=True)
class ListedItem:
    """One line of the list. `mend` is the command that installs what is missing, or None."""

    name: str
    summary: str
    mend: str | None


@click.command(name="list")
@click.argument("kind", type=click.Choice(["methods", "datasets", "encoders"]))
def list_items(kind: str) -> None:
    """List methods, datasets or encoders, and how to install what is missing."""
    table = Table("name", "what it is", "available", box=None, header_style="bold", pad_edge=False)
    for item in listed_items(kind):
        available = "yes" if item.mend is None else f"no: {item.mend}"
        table.add_row(*map(escape, (item.name, item.summary, available)))
    output_console().print(table)


def listed_items(kind: str) -> list[ListedItem]:
    """Return the items that are called `methods`, `datasets` or `encoders`."""
    if kind == "methods":
        return [
            ListedItem(
                row.name,
                f"{row.summary} [{' + '.join(part.name for part in row.parts)}]",
                row.mend(),
            )
            for row in methods().values()
        ]
    if kind == "datasets":
        return [
            ListedItem(source.written, source.summary, source.mend()) for source in SOURCES.values()
        ]
    packaged = [
        ListedItem(name, encoder.source, encoder.mend()) for name, encoder in PACKAGED.items()
    ]
    return [*packaged, ListedItem("NAME or FOLDER", "any sentence-transformers model", None)]
