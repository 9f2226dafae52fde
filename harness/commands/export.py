"""`ehibench export`: write what a cell trained and found for other programs."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from harness.commands.console import output_console, print_line
from harness.commands.exports.cell import (
    check_posting_lists,
    check_trained,
    checked_artifacts,
    find_record,
    load_encoder,
    load_index,
    training_of,
)
from harness.commands.exports.faiss_files import FaissExport, check_free_folder, check_writable
from harness.commands.exports.leaves import write_leaves
from harness.commands.exports.model import write_model
from harness.commands.exports.run_file import write_run_file
from harness.commands.options import UserPath, debug_option
from harness.commands.session import cache_folder
from harness.store.record import Record
from methods.base import Resources
from methods.indexes.started_graph import StartedGraph
from methods.postings.posting_index import PostingIndex


@click.group()
def export() -> None:
    """Export indexes, encoders and runs for other programs."""


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
    run, record = find_record(cell)
    check_posting_lists(record)
    check_trained(record)
    artifacts = checked_artifacts(run, record)
    resources = Resources("cpu", cache_folder())
    index = load_index(record, artifacts, resources)
    encoder = load_encoder(record, artifacts, resources)
    ids = artifacts.document_ids()
    effort = record.measured.effort
    if isinstance(index, StartedGraph):
        lists = index.lists
        faiss_index, graph, starts = index.to_faiss(effort)
        note = _note(record, lists, faiss_index.d) | {"starts": starts}
    else:
        lists, graph = index, None
        faiss_index = lists.to_faiss(record.depth * lists.copies, effort)
        note = _note(record, lists, faiss_index.d)
    router = None if lists.routes_itself else lists.router
    FaissExport(faiss_index, router, ids, note, encoder, graph).write(file)
    routing = "its router is in a file of its own" if router else "Faiss alone searches it"
    print_line(
        output_console(),
        f"{file}: {len(ids)} documents in {len(lists.postings)} leaves of "
        f"{record.method}, effort {effort}; {routing}",
    )


@export.command(name="run")
@click.argument("cell", type=UserPath())
@click.argument("file", type=UserPath())
@click.option("--header", is_flag=True, help="Begin with a header of ir_metadata, in comments.")
@click.option("--force", is_flag=True, help="Replace FILE.")
@debug_option(hidden=True)
def export_run(cell: Path, file: Path, header: bool, force: bool) -> None:
    """Write the documents that CELL found as a run in TREC format.

    FILE is compressed if its name ends in .gz. Few programs skip the lines of a header.
    """
    check_writable(file, force, suffixes=())
    run, record = find_record(cell)
    queries = write_run_file(run, record, cell, file, header)
    print_line(output_console(), f"{file}: {queries} queries of {record.cell}")


@export.command(name="model")
@click.argument("cell", type=UserPath())
@click.argument("folder", type=UserPath())
@click.option("--force", is_flag=True, help="Replace FOLDER.")
@debug_option(hidden=True)
def export_model(cell: Path, folder: Path, force: bool) -> None:
    """Write the encoder of CELL as a sentence-transformers model, with a model card."""
    check_free_folder(folder, force)
    run, record = find_record(cell)
    check_trained(record)
    artifacts = checked_artifacts(run, record)
    write_model(load_encoder(record, artifacts, Resources("cpu", cache_folder())), record, folder)
    print_line(output_console(), f"{folder}: the encoder of {record.cell}")


@export.command(name="leaves")
@click.argument("cell", type=UserPath())
@click.argument("file", type=UserPath())
@click.option("--force", is_flag=True, help="Replace FILE.")
@debug_option(hidden=True)
def export_leaves(cell: Path, file: Path, force: bool) -> None:
    """Write the documents of CELL as parquet, with a column that holds their leaf or list.

    The rows are sorted by leaf, so that a query for some leaves skips the rest of FILE.
    """
    check_writable(file, force, suffixes=())
    run, record = find_record(cell)
    check_posting_lists(record)
    check_trained(record)
    artifacts = checked_artifacts(run, record)
    index = load_index(record, artifacts, Resources("cpu", cache_folder()))
    lists = index.lists if isinstance(index, StartedGraph) else index
    rows = write_leaves(lists, artifacts.documents(), artifacts.document_ids(), file)
    print_line(output_console(), f"{file}: {rows} rows in {len(lists.postings)} leaves")


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
        "encoded_in": training_of(record).precision,
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
