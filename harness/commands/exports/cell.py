"""Find the cell to export, and load its index and its encoder."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.store.artifacts import DOCUMENT_IDS, Artifacts
from harness.store.record import Record, Training
from harness.store.record_json import from_plain, read_record
from harness.store.record_v1 import without_early_stopping
from harness.store.run_folder import RunFolder
from methods.atomic_files import first_damaged
from methods.base import Resources
from methods.encoder.vector_files import GIVEN
from methods.errors import InputError
from methods.indexes.started_graph import StartedGraph
from methods.postings.posting_index import PostingIndex
from methods.registry import method
from methods.settings import EncoderSettings

if TYPE_CHECKING:
    from methods.encoder.encoder import Encoder

REMEDY = "run the same command with --force to make it again"


def find_record(cell: Path) -> tuple[RunFolder, Record]:
    """Return the run folder and the record of a cell's folder, or of the folder of an attempt."""
    folder = cell.resolve()
    if (folder / "record.json").is_file():
        run, record = RunFolder(folder.parent.parent.parent), read_record(folder)
    else:
        run = RunFolder(folder.parent.parent)
        latest = run.latest(folder.name) if folder.parent.name == "cells" else None
        if latest is None:
            raise InputError(f"{cell} is not a cell; cells are in the folder cells of a run folder")
        record = latest
    if record.failure is not None:
        raise InputError(f"{record.cell} was not measured: {record.failure.reason}")
    return run, record


def check_posting_lists(record: Record) -> None:
    """Raise InputError if the method of a record has no posting lists."""
    if not issubclass(method(record.method).index.load(), PostingIndex | StartedGraph):
        raise InputError(
            f"{record.method} has no posting lists to export; export a method with a tree or ivf"
        )


def check_trained(record: Record) -> None:
    """Raise InputError if a record has no training, or does not name its folder."""
    if record.measured.training is None:
        raise InputError(f"{record.method} trains nothing; export a method with an encoder")
    if record.settings.get("encoder", {}).get("name") == GIVEN.name:
        raise InputError(
            f"{record.cell} searches vectors that were given, and an export has their encoder with "
            "it; export a cell of a dataset of texts"
        )
    if "learned" not in record.measured.artifacts:
        raise InputError(
            f"the record of {record.cell} was written before exports existed and does not name its "
            f"training; {REMEDY}"
        )


def training_of(record: Record) -> Training:
    """Return the training of a record that `check_trained` accepted."""
    training = record.measured.training
    assert training is not None, "checked before"
    return training


def checked_artifacts(run: RunFolder, record: Record) -> Artifacts:
    """Return the artifacts the cell was measured with. Raise InputError if they are gone."""
    artifacts = Artifacts.from_record(record.measured.artifacts, run.path)
    for folder in (artifacts.learned, artifacts.encoder, artifacts.embeddings, artifacts.index):
        if (damaged := first_damaged(folder)) is not None:
            raise InputError(f"{damaged} is damaged or missing; {REMEDY}")
    training = training_of(record)
    retrained = from_plain(without_early_stopping(artifacts.summary()), Training) != training
    if retrained or training.base_sha256 not in (None, artifacts.base_sha256()):
        raise InputError(
            f"{record.cell} was trained again after this record; export a later attempt"
        )
    if not artifacts.has_document_ids():
        raise InputError(f"{artifacts.embeddings} has no {DOCUMENT_IDS}; {REMEDY}")
    return artifacts


def load_index(
    record: Record, artifacts: Artifacts, resources: Resources
) -> PostingIndex | StartedGraph:
    """Load the index that a cell was measured with."""
    row = method(record.method)
    parts = [part for part in (row.form, row.index.inner, row.index) if part is not None]
    settings = {part.section: _settings(record, part.section, part.settings) for part in parts}
    index = row.new_index(settings, resources)
    assert isinstance(index, PostingIndex | StartedGraph), "checked before"
    index.load(artifacts.index_files(), artifacts.documents())
    return index


def load_encoder(record: Record, artifacts: Artifacts, resources: Resources) -> "Encoder":
    """Load the encoder that a cell was measured with."""
    from methods.encoder.encoder import Encoder

    encoder = Encoder(_settings(record, "encoder", EncoderSettings), resources)
    if encoder.fingerprint != training_of(record).encoder_sha256:
        raise InputError(f"{encoder.folder} has changed since {record.cell} was trained; {REMEDY}")
    encoder.load(artifacts.encoder)
    return encoder


def _settings(record: Record, section: str, kind: type[Any]) -> Any:
    try:
        return kind(**record.settings.get(section, {}))
    except TypeError as error:
        raise InputError(
            f"the settings of {record.cell} belong to another version: {error}"
        ) from None
