"""What `ehibench list` shows: methods, datasets and encoders with their availability."""

from dataclasses import dataclass

from harness.datasets import SOURCES
from methods.encoder.sources import PACKAGED
from methods.registry import methods


@dataclass(frozen=True)
class Entry:
    """A line of the list. `mend` is the pip line that brings what is missing, or None."""

    name: str
    summary: str
    mend: str | None


def catalogue(what: str) -> list[Entry]:
    """Return the entries of `methods`, `datasets` or `encoders`."""
    if what == "methods":
        return [
            Entry(
                row.name,
                f"{row.summary} [{' + '.join(part.name for part in row.parts)}]",
                row.mend(),
            )
            for row in methods().values()
        ]
    if what == "datasets":
        return [
            Entry(source.usage, source.summary, source.install_hint())
            for source in SOURCES.values()
        ]
    packaged = [Entry(name, encoder.source, encoder.mend()) for name, encoder in PACKAGED.items()]
    return [*packaged, Entry("NAME or FOLDER", "any sentence-transformers model", None)]
