"""An index is built in a process of its own, which tells what that took."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from harness.config import load_settings
from harness.measure.balance import posting_balance
from harness.plan.cells import Job
from harness.run.workers import Worker, WorkerError, start_server
from harness.store.artifacts import Artifacts
from harness.tasks.build import Building
from harness.tasks.train import JobInputs
from methods.base import Resources, no_progress
from methods.durable import first_damaged, new_folder
from methods.indexes.exact import ExactIndex
from methods.indexes.ivf import IvfIndex
from methods.registry import method
from methods.settings import NoSettings

VECTORS = np.random.default_rng(0).normal(size=(100_000, 64)).astype(np.float32)


@pytest.fixture(scope="module", autouse=True)
def server() -> None:
    start_server()


def build(name: str, folder: Path) -> tuple[Job, Artifacts]:
    settings = load_settings("quick", ["ivf.lists=16", "ivf.iterations=2"])
    job = Job("d", method(name), settings, 0, "dataset", "encoder", "cpu")
    artifacts = Artifacts.of(job, folder)
    with new_folder(artifacts.embeddings) as draft:
        np.save(draft / "documents.npy", VECTORS)
    inputs = JobInputs(job, "hpo", artifacts, folder / "cache", threads=1)
    with Worker(partial(Building, inputs), no_progress, None, False) as worker:
        worker.ask(Building.run)
    return job, artifacts


def test_the_memory_of_an_index_is_the_growth_of_its_process(tmp_path: Path):
    job, artifacts = build("ivf", tmp_path)
    note = artifacts.build()
    assert VECTORS.nbytes < note["memory_bytes"] < 2 * VECTORS.nbytes
    assert VECTORS.nbytes < note["disk_bytes"] < 1.2 * VECTORS.nbytes
    assert note["peak_bytes"] > note["memory_bytes"] and note["seconds"] > 0
    assert first_damaged(artifacts.index) is None
    index = IvfIndex(job.settings["ivf"], Resources("cpu", tmp_path))
    index.load(artifacts.index_files(), artifacts.documents())
    assert index.search(VECTORS[:3], 1, 16).ids.shape == (3, 1)
    assert note["postings"] == posting_balance(index.posting_sizes())
    assert (note["postings"]["leaves"], note["postings"]["mean"]) == (16, 100_000 / 16)


def test_documents_that_are_searched_where_they_lie_count(tmp_path: Path):
    _, artifacts = build("exact", tmp_path)
    note = artifacts.build()
    assert VECTORS.nbytes <= note["memory_bytes"] < 1.2 * VECTORS.nbytes
    assert note["disk_bytes"] == VECTORS.nbytes
    assert note["postings"] is None
    exact = ExactIndex(NoSettings(), Resources("cpu", tmp_path))
    exact.load(artifacts.index_files(), artifacts.documents())
    best = exact.search(VECTORS[:2], 1, 1)
    assert best.ids.ravel().tolist() == np.argmax(VECTORS[:2] @ VECTORS.T, axis=1).tolist()


def test_an_index_that_cannot_be_built_leaves_nothing(tmp_path: Path):
    with pytest.raises(WorkerError, match="needs a trainer that learns a tree"):
        build("ehi", tmp_path)
    assert not list(tmp_path.glob("*/indexes/*"))


def test_what_is_damaged_is_discarded(tmp_path: Path):
    _, artifacts = build("exact", tmp_path)
    assert artifacts.discard_damaged() is None
    note = artifacts.index / "build.json"
    note.write_text(json.dumps({**artifacts.build(), "seconds": 0.0}))
    assert artifacts.discard_damaged() == note
    assert not artifacts.index.exists() and artifacts.embeddings.exists()
    assert artifacts.discard_damaged() is None


def test_what_was_made_from_what_is_damaged_goes_with_it(tmp_path: Path):
    _, artifacts = build("exact", tmp_path)
    (artifacts.embeddings / "documents.npy").write_bytes(b"")
    assert artifacts.discard_damaged() == artifacts.embeddings / "documents.npy"
    assert not artifacts.index.exists()


def test_indexes_of_other_methods_are_forgotten_with_their_encoder(tmp_path: Path):
    _, of_ivf = build("ivf", tmp_path)
    _, of_exact = build("exact", tmp_path)
    assert of_ivf.home == of_exact.home and of_ivf.index.exists()
    of_exact.forget()
    assert not of_ivf.index.exists()
