"""Corpora of random vectors in clusters, written part by part, and builds of indexes of them."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from harness.config import load_settings
from harness.plan.job import Job
from harness.run.workers import Worker
from harness.store.artifacts import Artifacts
from harness.tasks.build import BuildTask
from harness.tasks.train import JobInputs
from harness.tasks.training_files import ROUTER_FILE
from methods.atomic_files import new_folder
from methods.base import Array, no_progress
from methods.ehi.tree_router import TreeRouter
from methods.registry import method
from tests.harness.tasks.four_lists import DATASET

DIMENSIONS = 384
CLUSTERS = 500
PART = 50_000


def some_vectors(count: int, seed: int) -> Array:
    """Return vectors (count, 384) of length one around 500 centres, which are always the same."""
    centres = np.random.default_rng(7).normal(size=(CLUSTERS, DIMENSIONS)).astype(np.float32)
    random = np.random.default_rng(seed)
    vectors = random.standard_normal((count, DIMENSIONS), dtype=np.float32)
    vectors += centres[random.integers(CLUSTERS, size=count)]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def write_corpus(documents: int, lists: int, folder: Path) -> None:
    """Write document vectors and a linear tree of `lists` leaves, as a training would."""
    artifacts = _artifacts(_job("ehi", lists), folder)
    with new_folder(artifacts.embeddings) as draft:
        shape = (documents, DIMENSIONS)
        matrix = np.lib.format.open_memmap(draft / "documents.npy", "w+", np.float32, shape)
        for start in range(0, documents, PART):
            matrix[start : start + PART] = some_vectors(min(PART, documents - start), start)
        matrix.flush()
    with new_folder(artifacts.learned) as draft:
        classifier = np.ascontiguousarray(some_vectors(lists, seed=1).T)[None]
        TreeRouter((), (classifier,), temperature=0.1).save(draft / ROUTER_FILE)


def build(name: str, lists: int, folder: Path, memory: int | None, threads: int) -> dict[str, Any]:
    """Build the index of a method from what `write_corpus` wrote; return what building took."""
    job = _job(name, lists)
    inputs = JobInputs(
        job, DATASET, _artifacts(job, folder), folder / "cache", threads, memory=memory
    )
    with Worker(partial(BuildTask, inputs), no_progress, None, False) as worker:
        worker.ask(BuildTask.run)
    return _artifacts(job, folder).build()


def _job(name: str, lists: int) -> Job:
    settings = load_settings("quick", [f"ivf.lists={lists}", "ivf.iterations=2"])
    return Job("d", method(name), settings, 0, "dataset", "encoder", "cpu")


def _artifacts(job: Job, folder: Path) -> Artifacts:
    """Return the folders of a job: all jobs have the same vectors."""
    home = folder / job.method.name
    learned = home / "learned"
    return Artifacts(
        home, home / "checkpoint", learned, learned, folder / "embeddings", home / "index"
    )
