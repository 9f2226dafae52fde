"""What `ehibench list` shows: methods, datasets and encoders with their availability."""

from dataclasses import dataclass

from harness.datasets import SOURCES
from methods.encoder.sources import PACKAGED
from methods.registry import methods


@dataclass(frozen=True)
class Entry:
    """A line of the list; `install_hint` says how to install what is missing, if anything is."""

    name: str
    summary: str
    install_hint: str | None


def catalogue(what: str) -> list[Entry]:
    """Return the entries of `methods`, `datasets` or `encoders`."""
    if what == "methods":
        return [
            Entry(
                row.name,
                f"{row.summary} [{' + '.join(part.name for part in row.parts)}]",
                row.install_hint(),
            )
            for row in methods().values()
        ]
    if what == "datasets":
        return [Entry(s.written, s.summary, s.install_hint()) for s in SOURCES.values()]
    packaged = [Entry(e.name, e.source, e.install_hint()) for e in PACKAGED.values()]
    return [*packaged, Entry("NAME or FOLDER", "any sentence-transformers model", None)]
