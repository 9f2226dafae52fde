"""`ehibench export faiss` exports a cell or an attempt, and names what it cannot export."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from harness.store.record import Failure, Record
from harness.store.run_folder import RunFolder
from methods.atomic_files import CHECKSUMS
from tests.harness.exported_cells import run_of
from tests.harness.store.fake_records import change

Export = Callable[..., Result]


def error_of(done: Result) -> str:
    assert done.exit_code == 2 and done.output.count("\n") == 1, done.output
    assert not Path("x.faiss").exists()
    return done.output


def copy_run(cell: Path, folder: Path) -> tuple[RunFolder, Path]:
    """Return a copy of the run of a cell, and the cell in it."""
    run = RunFolder(Path(shutil.copytree(run_of(cell).path, folder / "copy")))
    return run, run.path / "cells" / cell.name


def latest(run: RunFolder, cell: Path) -> Record:
    record = run.latest(cell.name)
    assert record is not None
    return record


def test_an_attempt_is_exported_like_its_cell(cells: dict[str, Path], export: Export):
    (attempt,) = cells["lists"].iterdir()
    assert export(cells["lists"], "cell.faiss").exit_code == 0
    assert export(attempt, "attempt.faiss").exit_code == 0
    assert Path("cell.faiss").read_bytes() == Path("attempt.faiss").read_bytes()


def test_existing_files_are_replaced_only_with_force(cells: dict[str, Path], export: Export):
    assert export(cells["paper"], "x.faiss").exit_code == 0
    refused = export(cells["lists"], "x.faiss")
    assert refused.exit_code == 2
    assert refused.output == "Error: x.faiss already exists; --force replaces it\n"
    assert json.loads(Path("x.faiss.json").read_text())["method"] == "ehi"
    assert export(cells["lists"], "x.faiss", "--force").exit_code == 0
    assert json.loads(Path("x.faiss.json").read_text())["method"] == "ivf"
    assert sorted(path.name for path in Path().iterdir()) == [
        "x.faiss",
        "x.faiss.encoder",
        "x.faiss.ids.json",
        "x.faiss.json",
    ]


def test_nothing_is_written_if_one_file_fails(
    cells: dict[str, Path], export: Export, monkeypatch: pytest.MonkeyPatch
):
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("faiss.write_index", interrupted)
    assert export(cells["paper"], "x.faiss").exit_code == 130
    assert not list(Path().iterdir())


@pytest.mark.parametrize("cell", ["nowhere/at/all", "/"])
def test_a_path_that_is_not_a_cell_is_rejected(export: Export, cell: str):
    assert f"{cell} is not a cell" in error_of(export(cell, "x.faiss"))


def test_a_run_folder_is_not_a_cell(cells: dict[str, Path], export: Export):
    assert "is not a cell" in error_of(export(run_of(cells["exact"]).path, "x.faiss"))


def test_a_method_without_posting_lists_is_rejected(cells: dict[str, Path], export: Export):
    assert "exact has no posting lists" in error_of(export(cells["exact"], "x.faiss"))


def test_the_file_must_be_in_a_folder_and_not_be_one(cells: dict[str, Path], export: Export):
    assert "nowhere is not a folder" in error_of(export(cells["lists"], "nowhere/x.faiss"))
    Path("folder").mkdir()
    assert "folder is a folder; name a file" in error_of(export(cells["lists"], "folder"))


def without_artifacts(record: Record) -> Record:
    return change(record, artifacts={})


def without_learned_artifacts(record: Record) -> Record:
    return change(record, artifacts={"encoder": "trained/encoder"})


def failed(record: Record) -> Record:
    return replace(record, result=None, failure=Failure("MemoryError", "no memory"))


def with_other_training(record: Record) -> Record:
    training = record.measured.training
    assert training is not None
    return change(record, training=replace(training, seconds=1e6))


@pytest.mark.parametrize(
    ("rewrite", "message"),
    [
        (without_artifacts, "was written before exports existed and does not name its training"),
        (without_learned_artifacts, "does not name its training"),
        (failed, "was not measured: no memory"),
        (with_other_training, "was trained again after this record; export a later attempt"),
    ],
)
def test_a_record_that_does_not_describe_the_artifacts_is_rejected(
    cells: dict[str, Path],
    export: Export,
    tmp_path: Path,
    rewrite: Callable[[Record], Record],
    message: str,
):
    run, cell = copy_run(cells["paper"], tmp_path)
    run.add(rewrite(latest(run, cell)))
    assert message in error_of(export(cell, "x.faiss"))


def test_a_router_whose_encoder_was_trained_again_is_rejected(
    cells: dict[str, Path], export: Export, tmp_path: Path
):
    run, cell = copy_run(cells["lists, routed"], tmp_path)
    checksums = run.path / latest(run, cell).measured.artifacts["encoder"] / CHECKSUMS
    checksums.write_text(checksums.read_text() + " ")  # still valid, but a different file
    assert "was trained again after this record" in error_of(export(cell, "x.faiss"))


@pytest.mark.parametrize("name", ["indexes/*/files/postings.faiss", "encoder/head.safetensors"])
def test_damaged_artifacts_are_named(
    cells: dict[str, Path], export: Export, tmp_path: Path, name: str
):
    run, cell = copy_run(cells["paper"], tmp_path)
    next(run.path.glob(f"trained/*/{name}")).write_bytes(b"")
    assert f"{Path(name).name} is damaged or missing" in error_of(export(cell, "x.faiss"))


def test_artifacts_that_are_gone_are_missed(cells: dict[str, Path], export: Export, tmp_path: Path):
    run, cell = copy_run(cells["paper"], tmp_path)
    shutil.rmtree(run.path / "trained")
    assert "is damaged or missing; run the same command" in error_of(export(cell, "x.faiss"))
