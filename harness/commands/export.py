"""`ehibench export`: write the trained index of a cell for other programs."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.commands.console import output_console, print_line
from harness.commands.faiss_export import FaissExport, check_writable
from harness.commands.options import UserPath, debug_option
from harness.commands.session import cache_folder
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


@click.group()
def export() -> None:
    """Export trained indexes for other programs."""


@export.command(name="faiss")
@click.argument("cell", type=UserPath())
@click.argument("file", type=UserPath())
@click.option("--force", is_flag=True, help="Replace FILE and the files that belong to it.")
@debug_option(hidden=True)
def export_faiss(cell: Path, file: Path, force: bool) -> None:
    """Write CELL, such as RUN/cells/NAME, as a Faiss index, with its encoder.

    The latest attempt of CELL is exported; name the folder of an attempt for an earlier one.
    """
    check_writable(file, force)
    run, record = _find_record(cell)
    artifacts = _checked_artifacts(run, record)
    resources = Resources("cpu", cache_folder())
    index = _load_index(record, artifacts, resources)
    encoder = _load_encoder(record, artifacts, resources)
    ids = artifacts.document_ids()
    effort = record.measured.effort
    if isinstance(index, StartedGraph):
        lists = index.lists
        faiss_index, graph, starts = index.to_faiss(effort)
        note = _note(record, lists, faiss_index.d) | {"starts": starts}
    else:
        lists, graph = index, None
        faiss_index = lists.to_faiss(record.measured.depth, effort)
        note = _note(record, lists, faiss_index.d)
    router = None if lists.routes_itself else lists.router
    FaissExport(faiss_index, router, ids, note, encoder, graph).write(file)
    routing = "its router is in a file of its own" if router else "Faiss alone searches it"
    print_line(
        output_console(),
        f"{file}: {len(ids)} documents in {len(lists.postings)} leaves of "
        f"{record.method}, effort {effort}; {routing}",
    )


def _note(record: Record, index: PostingIndex, dimensions: int) -> dict[str, Any]:
    """Return the content of FILE.json."""
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
    """Return the formula that routes a query vector u to leaves."""
    router = index.router
    if router is None:
        return "inner products of u with the quantizer's centroids"
    if not index.routes_itself:
        return router.formula
    z = "u" if router.projection is None else "u @ projection"
    return f"inner products of {z} with the quantizer's learned vectors"


def _find_record(cell: Path) -> tuple[RunFolder, Record]:
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
    _check_exportable(record)
    return run, record


def _check_exportable(record: Record) -> None:
    if record.failure is not None:
        raise InputError(f"{record.cell} was not measured: {record.failure.reason}")
    if record.settings.get("encoder", {}).get("name") == GIVEN.name:
        raise InputError(
            f"{record.cell} searches vectors that were given, and an export has their encoder with "
            "it; export a cell of a dataset of texts"
        )
    if not issubclass(method(record.method).index.load(), PostingIndex | StartedGraph):
        raise InputError(
            f"{record.method} has no posting lists to export; export a method with a tree or ivf"
        )
    if "learned" not in record.measured.artifacts:
        raise InputError(
            f"the record of {record.cell} was written before exports existed and does not name its "
            f"training; {REMEDY}"
        )


def _training(record: Record) -> Training:
    training = record.measured.training
    assert training is not None, "posting lists hold vectors, which need a trained encoder"
    return training


def _checked_artifacts(run: RunFolder, record: Record) -> Artifacts:
    """Return the artifacts the cell was measured with. Raise InputError if they are gone."""
    artifacts = Artifacts.from_record(record.measured.artifacts, run.path)
    for folder in (artifacts.learned, artifacts.encoder, artifacts.embeddings, artifacts.index):
        if (damaged := first_damaged(folder)) is not None:
            raise InputError(f"{damaged} is damaged or missing; {REMEDY}")
    training = _training(record)
    retrained = from_plain(without_early_stopping(artifacts.summary()), Training) != training
    if retrained or training.base_sha256 not in (None, artifacts.base_sha256()):
        raise InputError(
            f"{record.cell} was trained again after this record; export a later attempt"
        )
    if not artifacts.has_document_ids():
        raise InputError(f"{artifacts.embeddings} has no {DOCUMENT_IDS}; {REMEDY}")
    return artifacts


def _load_index(
    record: Record, artifacts: Artifacts, resources: Resources
) -> PostingIndex | StartedGraph:
    row = method(record.method)
    parts = [part for part in (row.form, row.index.inner, row.index) if part is not None]
    settings = {part.section: _settings(record, part.section, part.settings) for part in parts}
    index = row.new_index(settings, resources)
    assert isinstance(index, PostingIndex | StartedGraph), "checked before"
    index.load(artifacts.index_files(), artifacts.documents())
    return index


def _load_encoder(record: Record, artifacts: Artifacts, resources: Resources) -> "Encoder":
    from methods.encoder.encoder import Encoder

    encoder = Encoder(_settings(record, "encoder", EncoderSettings), resources)
    if encoder.fingerprint != _training(record).encoder_sha256:
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
