"""Train and build what jobs need, each step in its own process."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path

from harness.datasets.dataset import Dataset, Split
from harness.datasets.mapped import mapped
from harness.measure.quality import search_depth
from harness.plan.job import Job
from harness.run.group import ranks, run_in_group
from harness.run.launch import Launcher
from harness.run.workers import WorkerError, Workers
from harness.store.artifacts import Artifacts
from harness.store.record import Failure
from harness.store.run_folder import RunFolder
from harness.tasks.build import BuildTask
from harness.tasks.loaded_index import SearchInputs
from harness.tasks.tracked import tracked_training
from harness.tasks.train import JobInputs, TrainTask
from methods.base import Corpus, Resources
from methods.errors import DiskFullError, UnavailableError
from methods.training.tracking import TrackedTraining

DEATHS = ("SIGSEGV", "SIGABRT", "SystemExit")
"""The errors of processes that crashed or exited, and were not killed by another process."""


@dataclass
class Preparer:
    """Makes the artifacts of jobs, and remembers which steps failed."""

    dataset: Dataset  # to train on
    folder: RunFolder
    resources: Resources
    threads: int  # for training, building and batch searches
    workers: Workers
    log: Callable[[str], None]  # prints a line
    processes: int = 1  # that train together
    launcher: Launcher | None = None  # starts them instead
    memory: int | None = None  # bytes for building an index; None: no limit
    tracker: str | None = None  # that logs trainings
    trained_on: str | None = None  # fingerprint of the dataset trained on, if it is another one
    _prepared: dict[str, Failure | None] = field(default_factory=dict)
    _failures: dict[str, Failure] = field(default_factory=dict)

    def artifacts(self, job: Job) -> Artifacts:
        """Return the artifacts of a job, whether or not they exist yet."""
        if self.trained_on is None:
            return Artifacts.for_job(job, self.folder.trained)
        trained = replace(job, dataset_fingerprint=self.trained_on)
        artifacts = Artifacts.for_job(trained, self.folder.trained)
        return artifacts.for_corpus(job.dataset_fingerprint)

    def on(self, dataset: Dataset) -> "Preparer":
        """Return a preparer that trains and builds on another dataset."""
        return replace(self, dataset=dataset, _prepared={}, _failures={})

    def trained_before(self, fingerprint: str) -> "Preparer":
        """Return a preparer that embeds and builds with what was trained on another dataset."""
        return replace(self, trained_on=fingerprint, _prepared={}, _failures={})

    def prepare(self, job: Job) -> Failure | None:
        """Train and build what is missing. Return why that failed, or None.

        A job is prepared once; a training that failed is not repeated for the other jobs that share
        it. Raise DiskFullError if the disk is full.
        """
        if job.name not in self._prepared:
            self._prepared[job.name] = self._prepare(job)
        return self._prepared[job.name]

    def _prepare(self, job: Job) -> Failure | None:
        if (hint := job.method.install_hint(job.search)) is not None:
            return Failure(UnavailableError.__name__, hint)
        for learned in (job.base, job):
            if learned is not None and (failure := self.train(learned)) is not None:
                return failure
        index = self.artifacts(job).index
        with self._locked(index):
            if index.is_dir():
                return None
            make = partial(BuildTask, self._inputs(job))
            failure = self._attempt(lambda: run_in_group(self.workers, [make], BuildTask.run))
            return with_memory_hint(failure, self.memory)

    def search_inputs(self, job: Job, split: Split, corpus: Corpus, depth: int) -> SearchInputs:
        """Return what a worker needs to search the job's index for the queries of a split."""
        return SearchInputs(
            job=job,
            artifacts=self.artifacts(job),
            cache=self.resources.cache,
            threads=self.threads,
            documents=len(corpus),
            texts=list(split.texts),
            depth=search_depth(split, corpus, depth),
            memory=self.memory,
        )

    def train(self, job: Job) -> Failure | None:
        """Train what is missing; the job's base is already trained. Return a failure, or None.

        Raise DiskFullError if the disk is full.
        """
        with self._locked(self.artifacts(job).home):
            return self._train(job)

    def _locked(self, artifact: Path) -> AbstractContextManager[None]:
        name = artifact.relative_to(self.folder.path).as_posix()
        return self.folder.locked(name, self.log)

    def _train(self, job: Job) -> Failure | None:
        artifacts = self.artifacts(job)
        if (damaged := artifacts.discard_damaged()) is not None:
            self.log(f"{damaged} is damaged or missing; everything made from it is made again")
        trained = artifacts.learned.is_dir() and artifacts.embeddings.is_dir()
        if job.method.trainer and not trained and job.trained_key not in self._failures:
            inputs = replace(self._inputs(job), tracked=self._tracked(job))
            failure = self._attempt(partial(self._train_together, inputs))
            if failure is not None:
                self._failures[job.trained_key] = failure
        return self._failures.get(job.trained_key)

    def _inputs(self, job: Job) -> JobInputs:
        return JobInputs(
            job,
            self._mapped,
            self.artifacts(job),
            self.resources.cache,
            self.threads,
            self.memory,
        )

    def _tracked(self, job: Job) -> TrackedTraining | None:
        if self.tracker is None:
            return None
        return tracked_training(job, self.tracker, self.folder.tracking)

    @cached_property
    def _mapped(self) -> Dataset:
        with self.folder.locked(self.folder.dataset.name, self.log):
            return mapped(self.dataset, self.folder.dataset)

    def _train_together(self, inputs: JobInputs) -> None:
        if self.launcher is not None:
            self.launcher.train(inputs, self.workers)
            return
        makes = [partial(TrainTask, inputs, rank=rank) for rank in ranks(self.processes)]
        run_in_group(self.workers, makes, TrainTask.run)

    def _attempt(self, step: Callable[[], None]) -> Failure | None:
        try:
            step()
        except WorkerError as error:
            return raise_if_disk_full(error)
        return None


def raise_if_disk_full(error: WorkerError) -> Failure:
    """Return the failure. Raise DiskFullError if the disk is full: no other step would succeed."""
    if error.failure.error == DiskFullError.__name__:
        raise DiskFullError(error.failure.reason) from None
    return error.failure


def with_memory_hint(failure: Failure | None, memory: int | None) -> Failure | None:
    """Return the failure of a build; if its process died, say that --memory may be the reason.

    Some libraries crash when they are refused memory.
    """
    if failure is None or memory is None or failure.error not in DEATHS:
        return failure
    return replace(failure, reason=f"{failure.reason}; perhaps it needs more than --memory")
