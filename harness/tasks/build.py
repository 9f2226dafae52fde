"""Build an index and measure the time and memory it takes, in a worker."""

import time
from typing import Any

from harness.measure.balance import posting_balance
from harness.measure.memory import own_bytes, peak_bytes
from harness.measure.threads import use_threads
from harness.store.artifacts import BUILD, FILES
from harness.tasks.train import JobInputs
from harness.tasks.training_files import ROUTER_FILE
from methods.atomic_files import folder_bytes, new_folder, write_json
from methods.base import ProgressBar, Resources, Router
from methods.errors import InputError
from methods.kept_parts import KeptParts


class BuildTask:
    """Builds and saves a job's index."""

    def __init__(self, inputs: JobInputs, progress: ProgressBar) -> None:
        use_threads(inputs.threads)
        self._inputs = inputs
        self._parts = KeptParts(inputs.artifacts.parts, peak_bytes)
        self._resources = Resources(
            inputs.job.device,
            inputs.cache,
            progress,
            search=inputs.job.search,
            parts=self._parts,
        )

    def run(self) -> None:
        """Build the index; save it with the seconds and the memory that building took."""
        job, artifacts = self._inputs.job, self._inputs.artifacts
        index = job.method.new_index(job.settings, self._resources)
        documents: Any
        if index.reads == "texts":
            dataset = self._inputs.dataset
            if dataset.vectors is not None:
                raise InputError(f"{job.method.name} reads texts, and {dataset.name} has none")
            documents = dataset.corpus.texts
        else:
            documents = artifacts.documents()
        router = self._router()
        index.use_threads(self._inputs.threads)
        with self._resources.progress(f"Building {job.method.name}", 1):
            before = own_bytes()
            started = time.perf_counter()
            index.build(documents, job.seed, router)
            seconds = time.perf_counter() - started + self._parts.seconds
            grown = own_bytes() - before
            shared = documents.nbytes if index.searches_documents else 0
            with new_folder(artifacts.index) as draft:
                (draft / FILES).mkdir()
                index.save(draft / FILES)
                sizes = index.posting_sizes()
                measured = {
                    "seconds": round(seconds, 3),
                    "memory_bytes": grown + shared,
                    "disk_bytes": folder_bytes(draft / FILES) + shared,
                    "peak_bytes": max(peak_bytes(), self._parts.peak_bytes),
                    "threads": self._inputs.threads,
                    "postings": None if sizes is None else posting_balance(sizes),
                }
                write_json(draft / BUILD, measured)

    def _router(self) -> Router | None:
        trainer = self._inputs.job.method.trainer
        path = self._inputs.artifacts.learned / ROUTER_FILE
        if trainer is None or not path.is_file():
            return None
        router: Router = trainer.load().load_router(path)
        return router
