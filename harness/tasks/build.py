"""Build an index and measure the time and memory it takes, in a worker."""

import time
from typing import Any

from harness.measure.balance import posting_balance
from harness.measure.memory import anonymous_peak, own_bytes, peak_bytes
from harness.measure.threads import use_threads
from harness.store.artifacts import BUILD, FILES
from harness.tasks.memory_bound import bounded_memory
from harness.tasks.train import JobInputs
from harness.tasks.training_files import ROUTER_FILE
from methods.atomic_files import folder_bytes, new_folder, scratch_folder, write_json
from methods.base import Index, ProgressBar, Resources, Router
from methods.errors import InputError
from methods.kept_parts import KeptParts
from methods.postings.memory_limit import MemoryLimit


class BuildTask:
    """Builds and saves a job's index."""

    def __init__(self, inputs: JobInputs, progress: ProgressBar) -> None:
        use_threads(inputs.threads)
        self._inputs = inputs
        self._progress = progress
        self._parts = KeptParts(inputs.artifacts.parts, inputs.threads, peak_bytes)

    def run(self) -> None:
        """Build the index; save it with the seconds and the memory that building took.

        With a limit of memory, raise InputError if that is not enough.
        """
        job, artifacts = self._inputs.job, self._inputs.artifacts
        limit, name = self._inputs.memory, job.method.name
        with (
            self._progress(f"Building {name}", 1),
            scratch_folder(artifacts.index.parent) as scratch,
            bounded_memory(limit, f"building {name}") as room,
        ):
            memory = None if limit is None else MemoryLimit(room, scratch)
            index = job.method.new_index(job.settings, self._resources(memory))
            documents = self._documents(index)
            router = self._router()
            index.use_threads(self._inputs.threads)
            before = own_bytes()
            started = time.perf_counter()
            with anonymous_peak() as peak:
                index.build(documents, job.seed, router)
            seconds = time.perf_counter() - started + self._parts.seconds - self._parts.overhead
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
                    "anonymous_peak_bytes": peak.bytes,
                    "memory_limit": limit,
                    "threads": self._inputs.threads,
                    "postings": None if sizes is None else posting_balance(sizes),
                }
                write_json(draft / BUILD, measured)

    def _resources(self, memory: MemoryLimit | None) -> Resources:
        job = self._inputs.job
        return Resources(
            job.device,
            self._inputs.cache,
            self._progress,
            search=job.search.for_building,
            parts=self._parts,
            memory=memory,
        )

    def _documents(self, index: Index[Any]) -> Any:
        """Return the texts or the vectors that the index reads."""
        if index.reads == "vectors":
            return self._inputs.artifacts.documents()
        dataset = self._inputs.dataset
        if dataset.vectors is not None:
            raise InputError(
                f"{self._inputs.job.method.name} reads texts, and {dataset.name} has none"
            )
        return dataset.corpus.texts

    def _router(self) -> Router | None:
        trainer = self._inputs.job.method.trainer
        path = self._inputs.artifacts.learned / ROUTER_FILE
        if trainer is None or not path.is_file():
            return None
        router: Router = trainer.load().load_router(path)
        return router
