"""What `ehibench list` shows: methods, datasets and encoders with their availability."""

from dataclasses import dataclass

from harness.datasets import SOURCES
from methods.encoder.sources import PACKAGED
from methods.registry import methods


@dataclass(frozen=True)
class ListedItem:
    """A line of the list; `install_hint` says how to install what is missing, if anything is."""

    name: str
    summary: str
    install_hint: str | None


def catalogue(what: str) -> list[ListedItem]:
    """Return the entries of `methods`, `datasets` or `encoders`."""
    if what == "methods":
        return [
            ListedItem(
                row.name,
                f"{row.summary} [{' + '.join(part.name for part in row.parts)}]",
                row.install_hint(),
            )
            for row in methods().values()
        ]
    if what == "datasets":
        return [
            ListedItem(source.usage, source.summary, source.install_hint())
            for source in SOURCES.values()
        ]
    packaged = [ListedItem(e.name, e.source, e.install_hint()) for e in PACKAGED.values()]
    return [*packaged, ListedItem("NAME or FOLDER", "any sentence-transformers model", None)]
