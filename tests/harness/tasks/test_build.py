"""An index is built in its own process, which measures the memory it takes."""

import json
from functools import partial
from pathlib import Path
from threading import Timer

import numpy as np
import pytest
from filelock import FileLock

from harness.config import load_settings
from harness.measure.balance import posting_balance
from harness.measure.memory import STATUS
from harness.plan.job import Job
from harness.run.workers import Worker, WorkerError, start_server
from harness.store.artifacts import Artifacts
from harness.tasks.build import BuildTask
from harness.tasks.train import JobInputs
from methods.atomic_files import DRAFT, first_damaged, new_folder
from methods.base import Resources, no_progress
from methods.devices import SearchPlace
from methods.indexes.exact import ExactIndex
from methods.indexes.ivf import IvfIndex
from methods.method import CPU
from methods.registry import method
from methods.settings import NoSettings
from tests.harness.tasks.four_lists import DATASET

VECTORS = np.random.default_rng(0).normal(size=(100_000, 64)).astype(np.float32)


@pytest.fixture(scope="module", autouse=True)
def server() -> None:
    start_server()


def build(
    name: str, folder: Path, memory: int | None = None, search: SearchPlace = CPU
) -> tuple[Job, Artifacts]:
    settings = load_settings("quick", ["ivf.lists=16", "ivf.iterations=2"])
    job = Job("d", method(name), settings, 0, "dataset", "encoder", "cpu", search=search)
    artifacts = Artifacts.for_job(job, folder)
    with new_folder(artifacts.embeddings) as draft:
        np.save(draft / "documents.npy", VECTORS)
    inputs = JobInputs(job, DATASET, artifacts, folder / "cache", threads=1, memory=memory)
    with Worker(partial(BuildTask, inputs), no_progress, None, False) as worker:
        worker.ask(BuildTask.run)
    return job, artifacts


def test_the_memory_of_an_index_is_the_growth_of_its_process(tmp_path: Path):
    _, artifacts = build("ivf", tmp_path)
    measured = artifacts.build()
    assert VECTORS.nbytes < measured["memory_bytes"] < 2 * VECTORS.nbytes
    assert VECTORS.nbytes < measured["disk_bytes"] < 1.2 * VECTORS.nbytes
    assert measured["peak_bytes"] > measured["memory_bytes"] and measured["seconds"] > 0
    assert first_damaged(artifacts.index) is None


def test_a_built_index_is_loaded_and_has_its_balance(tmp_path: Path):
    job, artifacts = build("ivf", tmp_path)
    index = IvfIndex(job.settings["ivf"], Resources("cpu", tmp_path))
    index.load(artifacts.index_files(), artifacts.documents())
    assert index.search(VECTORS[:3], 1, 16).ids.shape == (3, 1)
    postings = artifacts.build()["postings"]
    assert postings == posting_balance(index.posting_sizes())
    assert (postings["leaves"], postings["mean"]) == (16, 100_000 / 16)


def test_document_vectors_that_a_search_reads_count_as_part_of_the_index(tmp_path: Path):
    _, artifacts = build("exact", tmp_path)
    measured = artifacts.build()
    assert VECTORS.nbytes <= measured["memory_bytes"] < 1.2 * VECTORS.nbytes
    assert measured["disk_bytes"] == VECTORS.nbytes
    assert measured["postings"] is None
    exact = ExactIndex(NoSettings(), Resources("cpu", tmp_path))
    exact.load(artifacts.index_files(), artifacts.documents())
    best = exact.search(VECTORS[:2], 1, 1)
    assert best.ids.ravel().tolist() == np.argmax(VECTORS[:2] @ VECTORS.T, axis=1).tolist()


def test_an_index_is_built_in_fp32_whatever_type_searches_it(tmp_path: Path):
    searched = {}
    for dtype in ("fp32", "fp16", "bf16"):
        job, artifacts = build("ivf", tmp_path / dtype, search=SearchPlace("cpu", "torch", dtype))
        for place in (CPU, SearchPlace("cpu", "torch")):
            index = job.method.new_index(job.settings, Resources("cpu", tmp_path, search=place))
            index.load(artifacts.index_files(), artifacts.documents())
            searched[dtype, place.engine] = index.search(VECTORS[:20], 10, 4)
    for hits in searched.values():
        assert np.array_equal(hits.ids, searched["fp32", "faiss"].ids)
        assert np.allclose(hits.scores, searched["fp32", "faiss"].scores, rtol=1e-6, atol=1e-5)


def test_an_index_that_cannot_be_built_leaves_nothing(tmp_path: Path):
    with pytest.raises(WorkerError, match="needs a trainer that learns a tree"):
        build("ehi", tmp_path)
    assert not list(tmp_path.glob("*/indexes/*"))


def test_a_build_that_reads_what_another_made_reports_the_time_of_making_it(tmp_path: Path):
    _, fixed = build("ivf", tmp_path)
    kept = list((fixed.embeddings.parent / "parts").glob("kmeans-*.json"))
    assert len(kept) == 1
    note = json.loads(kept[0].read_text())
    kept[0].write_text(json.dumps({**note, "seconds": 1000.0, "peak_bytes": 1 << 40}))
    _, pq = build("ivf+pq", tmp_path)
    assert pq.index != fixed.index
    assert 1000 < pq.build()["seconds"] < 1100 and pq.build()["peak_bytes"] == 1 << 40


def test_waiting_for_another_build_is_no_part_of_the_time_to_build(tmp_path: Path):
    _, fixed = build("ivf", tmp_path)
    (note,) = (fixed.embeddings.parent / "parts").glob("kmeans-*.json")
    lock = FileLock(note.with_suffix(".lock"), thread_local=False)
    lock.acquire()
    release = Timer(3.0, lock.release)
    release.start()
    _, pq = build("ivf+pq", tmp_path)
    release.join()
    assert pq.build()["seconds"] < 2.0


@pytest.mark.skipif(not STATUS.exists(), reason="only Linux bounds anonymous memory")
def test_a_bounded_build_writes_the_same_files_and_stays_within_its_bound(tmp_path: Path):
    limit = 600_000_000
    _, free = build("ivf", tmp_path / "free")
    _, bounded = build("ivf", tmp_path / "bounded", limit)
    files = [each.index_files() / "ivf.faiss" for each in (free, bounded)]
    assert files[0].read_bytes() == files[1].read_bytes()
    measured = bounded.build()
    assert measured["memory_limit"] == limit and free.build()["memory_limit"] is None
    assert measured["anonymous_peak_bytes"] < limit
    assert measured["memory_bytes"] < VECTORS.nbytes < free.build()["memory_bytes"]
    assert not list((tmp_path / "bounded").rglob(f"{DRAFT}*"))


@pytest.mark.skipif(not STATUS.exists(), reason="only Linux bounds anonymous memory")
def test_an_index_that_needs_more_than_the_bound_says_so(tmp_path: Path):
    with pytest.raises(WorkerError, match="--memory is 100MB, but building ivf needs"):
        build("ivf", tmp_path, 100_000_000)
    assert not list(tmp_path.glob("*/indexes/*"))
