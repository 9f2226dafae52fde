"""What `ehibench export faiss` does: from a cell's record to files that others read."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from harness.commands.faiss_export import FaissExport, check_place
from harness.commands.session import cache_folder
from harness.store.artifacts import Artifacts
from harness.store.record import Record, Training
from harness.store.record_json import from_plain, read_record
from harness.store.record_v1 import without_early_stopping
from harness.store.run_folder import RunFolder
from methods.atomic_files import first_damaged
from methods.base import Resources
from methods.encoder.encoder import Encoder
from methods.errors import InputError
from methods.indexes.posting_index import PostingIndex
from methods.registry import method
from methods.settings import EncoderSettings

ANEW = "the run's command with --force makes it anew"


def export_faiss(cell: Path, place: Path, force: bool, output: Console) -> None:
    """Write what a cell searched, and with what it encoded, as `place` and the files beside it.

    `cell` is the folder of a cell, of which the latest attempt counts, or of one attempt. Raise
    InputError where that cannot be exported or `place` not be written.
    """
    check_place(place, force)
    run, record = _find(cell)
    artifacts = _whole_artifacts(run, record)
    resources = Resources("cpu", cache_folder())
    index = _load_index(record, artifacts, resources)
    encoder = _load_encoder(record, artifacts, resources)
    ids = artifacts.document_ids()
    effort = record.measured.effort
    router = None if index.routes_itself else index.router
    whole = index.to_faiss(effort)
    FaissExport(whole, router, ids, _note(record, index, whole.d), encoder).write(place)
    output.print(
        f"{place}: {len(ids)} documents in {len(index.postings)} leaves of "
        f"{record.method}, effort {effort}; "
        + ("its router is beside it" if router else "Faiss alone searches it"),
        soft_wrap=True,
        highlight=False,
        markup=False,
    )


def _note(record: Record, index: PostingIndex, dimensions: int) -> dict[str, Any]:
    """Return what FILE.json says."""
    return {
        "method": record.method,
        "dataset": record.dataset,
        "cell": record.cell,
        "seed": record.seed,
        "budget": record.budget.limit,
        "budget_by": record.budget.kind,
        "effort": record.measured.effort,
        "formula": _formula(index),
        "leaves": len(index.postings),
        "leaves_per_document": index.copies,
        "dimensions": dimensions,
        "encoded_in": _training(record).precision,
        "settings": record.settings,
        "provenance": asdict(record.provenance),
    }


def _formula(index: PostingIndex) -> str:
    """Return how a vector u is led to leaves."""
    router = index.router
    if router is None:
        return "inner products of u with the quantizer's centroids"
    if not index.routes_itself:
        return router.formula
    z = "u" if router.projection is None else "u @ projection"
    return f"inner products of {z} with the quantizer's learned vectors"


def _find(cell: Path) -> tuple[RunFolder, Record]:
    folder = cell.resolve()
    if (folder / "record.json").is_file():
        run, record = RunFolder(folder.parent.parent.parent), read_record(folder)
    else:
        run = RunFolder(folder.parent.parent)
        found = run.latest(folder.name) if folder.parent.name == "cells" else None
        if found is None:
            raise InputError(f"{cell} is no cell; they lie in the folder cells of a run folder")
        record = found
    _check(record)
    return run, record


def _check(record: Record) -> None:
    if record.failure is not None:
        raise InputError(f"{record.cell} was not measured: {record.failure.reason}")
    if not issubclass(method(record.method).index.load(), PostingIndex):
        raise InputError(
            f"{record.method} has no posting lists to export; methods with a tree or ivf have"
        )
    if "learned" not in record.measured.artifacts:
        raise InputError(
            f"the record of {record.cell} is older than export and does not name all that was "
            f"learned; {ANEW}"
        )


def _training(record: Record) -> Training:
    training = record.measured.training
    assert training is not None, "posting lists hold vectors, which an encoder made"
    return training


def _whole_artifacts(run: RunFolder, record: Record) -> Artifacts:
    """Return what the cell was measured with. Raise InputError where that is there no more."""
    artifacts = Artifacts.from_record(record.measured.artifacts, run.path)
    for folder in (artifacts.learned, artifacts.encoder, artifacts.embeddings, artifacts.index):
        if (damaged := first_damaged(folder)) is not None:
            raise InputError(f"{damaged} is damaged or missing; {ANEW}")
    training = _training(record)
    retrained = from_plain(without_early_stopping(artifacts.summary()), Training) != training
    if retrained or training.base_sha256 not in (None, artifacts.base_sha256()):
        raise InputError(
            f"{record.cell} was trained anew since this record; export a later attempt"
        )
    if not artifacts.has_document_ids():
        raise InputError(f"{artifacts.embeddings} are older than export and name no ids; {ANEW}")
    return artifacts


def _load_index(record: Record, artifacts: Artifacts, resources: Resources) -> PostingIndex:
    component = method(record.method).index
    settings = _settings(record, component.section, component.settings)
    index: PostingIndex = component.load()(settings, resources)
    index.load(artifacts.index_files(), artifacts.documents())
    return index


def _load_encoder(record: Record, artifacts: Artifacts, resources: Resources) -> Encoder:
    encoder = Encoder(_settings(record, "encoder", EncoderSettings), resources)
    if encoder.fingerprint != _training(record).encoder_sha256:
        raise InputError(f"{encoder.folder} has changed since {record.cell} was trained; {ANEW}")
    encoder.load(artifacts.encoder)
    return encoder


def _settings(record: Record, section: str, kind: type[Any]) -> Any:
    try:
        return kind(**record.settings.get(section, {}))
    except TypeError as error:
        raise InputError(f"settings of {record.cell} are of another version: {error}") from None
