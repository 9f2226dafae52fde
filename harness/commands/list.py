"""`ehibench list`: the methods, datasets and encoders, and whether they are available."""

import json
from dataclasses import asdict, dataclass

import click
from rich.markup import escape

from harness.commands.console import output_console, print_line
from harness.datasets import SOURCES
from harness.report.terminal.table import TerminalTable, print_table
from methods.encoder.sources import PACKAGED
from methods.registry import FORMS, methods


@dataclass(frozen=True)
class ListedItem:
    """One line of the list; `install_hint` says how to install what is missing, if anything is."""

    name: str
    summary: str
    install_hint: str | None


@click.command(name="list")
@click.argument("kind", type=click.Choice(["methods", "datasets", "encoders"]))
@click.option("--json", "as_json", is_flag=True, help="Print JSON: a list of objects.")
def list_items(kind: str, as_json: bool) -> None:
    """List methods, datasets or encoders, and how to install what is missing."""
    if as_json:
        values = [asdict(item) for item in listed_items(kind)]
        output_console().out(json.dumps(values, indent=1), highlight=False)
        return
    table = TerminalTable(names=1)
    headers = ("name", "what it is", "available")
    table.add_headers(headers, texts=headers)
    console, items = output_console(), listed_items(kind)
    for item in items:
        available = "yes" if item.install_hint is None else "no"
        table.add_row(escape(item.name), escape(item.summary), available)
    print_table(console, table)
    for hint in (item.install_hint for item in items if item.install_hint is not None):
        print_line(console, hint)


def _listed_forms() -> list[ListedItem]:
    """Return what can follow the name of a method, and after which ones."""
    return [
        ListedItem(f"METHOD+{name}", f"scans {words} instead of whole vectors: {after}", None)
        for name, (_, words) in FORMS.items()
        for after in [", ".join(r.name for r in methods().values() if name in r.index.forms)]
    ]


def listed_items(kind: str) -> list[ListedItem]:
    """Return the items that are called `methods`, `datasets` or `encoders`."""
    if kind == "methods":
        rows = [
            ListedItem(
                row.name,
                f"{row.summary} [{' + '.join(part.name for part in row.parts)}]",
                row.install_hint(),
            )
            for row in methods().values()
        ]
        return [*rows, *_listed_forms()]
    if kind == "datasets":
        return [
            ListedItem(source.usage, source.summary, source.install_hint())
            for source in SOURCES.values()
        ]
    packaged = [ListedItem(e.name, e.source, e.install_hint()) for e in PACKAGED.values()]
    return [*packaged, ListedItem("NAME or FOLDER", "any sentence-transformers model", None)]
