"""Load a job's index in a worker, and set its threads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from harness.measure.budget import MeanCost, mean_cost
from harness.measure.memory import own_bytes
from harness.measure.threads import use_threads
from harness.plan.job import Job
from harness.store.artifacts import Artifacts
from methods.base import Cost, ProgressBar, Resources
from methods.postings.memory_limit import MemoryLimit

T = TypeVar("T")


@dataclass(frozen=True)
class SearchInputs:
    """The inputs of a worker that searches the index of a job."""

    job: Job
    artifacts: Artifacts
    cache: Path  # folder of cached embeddings
    threads: int
    documents: int  # size of the corpus
    texts: Sequence[str]  # of the queries
    depth: int  # documents that a search returns for each query
    memory: int | None = None  # bytes of the limit to build; with one, lists are mapped

    def resources(self, progress: ProgressBar) -> Resources:
        """Return where the job encodes and searches, and its cache, with the worker's bars."""
        memory = None if self.memory is None else MemoryLimit(self.memory, self.cache)
        place = self.job.search
        return Resources(self.job.encode_device, self.cache, progress, search=place, memory=memory)


class LoadedIndex:
    """The index of a job, loaded from its artifacts.

    `bytes` is the growth of the process while loading it, `threads` the number it searches on.
    """

    def __init__(self, inputs: SearchInputs, resources: Resources) -> None:
        """Load the index and set the threads of every library."""
        use_threads(inputs.threads)
        self._all_threads = inputs.threads
        self._documents = inputs.documents
        job = inputs.job
        self.index = job.method.new_index(job.settings, resources)
        vectors = inputs.artifacts.documents() if self.index.reads == "vectors" else None
        self._dimensions = None if vectors is None else vectors.shape[1]
        before = own_bytes()
        self.index.load(inputs.artifacts.index_files(), [] if vectors is None else vectors)
        self.bytes = own_bytes() - before
        self._use_threads(inputs.threads)

    def mean_cost(self, cost: Cost) -> MeanCost:
        """Return the mean of a cost over its queries, as fractions of exact search."""
        return mean_cost(cost, self._documents, self._dimensions)

    def on_one_thread(self, call: Callable[[], T]) -> T:
        """Call `call` with the index on one thread and return its result."""
        self._use_threads(1)
        try:
            return call()
        finally:
            self._use_threads(self._all_threads)

    def _use_threads(self, count: int) -> None:
        self.index.use_threads(count)
        self.threads = count
