"""An index whose cost can be counted by hand: four documents, each in a list of its own."""

from pathlib import Path

import numpy as np

from harness.config import load_settings
from harness.datasets.dataset import Dataset
from harness.plan.job import Job
from harness.store.artifacts import Artifacts
from harness.tasks.build import BuildTask
from harness.tasks.loaded_index import SearchInputs
from harness.tasks.train import JobInputs
from methods.atomic_files import new_folder
from methods.base import Corpus, no_progress
from methods.registry import method
from methods.texts import Ids, Texts

VECTORS = np.eye(4, dtype=np.float32)
TEXTS = ["first", "second", "third", "fourth"]
DATASET = Dataset("d", "1", "four words", Corpus(Ids(TEXTS), Texts(TEXTS)), splits={})


def build_four_lists(folder: Path) -> SearchInputs:
    """Build ivf; the four documents are also the test queries and the tuning queries."""
    settings = load_settings("quick", ["ivf.lists=4"])
    job = Job("d", method("ivf"), settings, 0, "dataset", "encoder", "cpu")
    artifacts = Artifacts.for_job(job, folder)
    with new_folder(artifacts.embeddings) as draft:
        for name in ("documents", "tuning", "test"):
            np.save(draft / f"{name}.npy", VECTORS)
    BuildTask(JobInputs(job, DATASET, artifacts, folder / "cache", threads=1), no_progress).run()
    return SearchInputs(job, artifacts, folder / "cache", 1, len(VECTORS), TEXTS, depth=10)
