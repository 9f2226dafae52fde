"""Train an encoder and what its method learns, and embed the dataset with it, in a worker."""

import shutil
import time
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from harness.datasets.dataset import Dataset
from harness.measure.quality import DEFAULT_DEPTH, search_depth
from harness.measure.threads import use_threads
from harness.plan.job import Job
from harness.store.artifacts import DOCUMENT_IDS, POINTER, Artifacts
from harness.tasks.finite_vectors import check_finite
from harness.tasks.training_files import (
    last_epoch,
    save_router,
    save_training,
    training_summary,
)
from methods.atomic_files import new_folder, write_json
from methods.base import Pairs, ProgressBar, Resources, no_tracker
from methods.encoder.cache import write_matrix
from methods.encoder.declared import Kind
from methods.encoder.encoder import Encoder
from methods.encoder.frozen import FrozenEncoder
from methods.encoder.given import GivenEncoder
from methods.indexes.exact import ExactIndex
from methods.kept_parts import KeptParts
from methods.ranks import ALONE, Rank, is_main, main_first
from methods.settings import EncoderSettings, NoSettings
from methods.texts import Texts
from methods.trainer import Trained
from methods.training.tracking import TrackedTraining


@dataclass(frozen=True)
class JobInputs:
    """The job to train or build, and what that needs."""

    job: Job
    dataset: Dataset
    artifacts: Artifacts
    cache: Path
    threads: int
    memory: int | None = None  # bytes for building an index; None: no limit
    tracked: TrackedTraining | None = None  # by a tracker


class TrainTask:
    """Trains a job's encoder and whatever else its method learns, and embeds the dataset."""

    def __init__(self, inputs: JobInputs, progress: ProgressBar, rank: Rank = ALONE) -> None:
        threads = max(1, inputs.threads // rank.on_this_host)
        use_threads(threads)
        self._inputs = inputs
        self._rank = rank
        # The vectors of an encoder that still learns are those of no other training.
        has_base = inputs.artifacts.base is not None
        self._parts = KeptParts(inputs.artifacts.parts if has_base else None, threads)
        self._resources = Resources(
            inputs.job.device,
            inputs.cache,
            progress,
            inputs.artifacts.checkpoint,
            inputs.job.search,
            self._parts,
            tracker=no_tracker if inputs.tracked is None else inputs.tracked.open,
        )

    def run(self) -> None:
        """Train and embed what is missing; if the job has a base, train a router on its encoder.

        In a group of processes, each does its share, and the main one writes the files.
        """
        self._rank.join(self._inputs.job.device)
        job, artifacts = self._inputs.job, self._inputs.artifacts
        dataset = self._inputs.dataset
        if self._rank.count > 1:
            with main_first():  # one measures which precision is faster, and the others read it
                Encoder(job.settings["encoder"], self._resources)
        if artifacts.base is not None:
            self._train_router(artifacts.base, dataset)
            return
        given = self._given(dataset)
        encoding = given or self._encoding
        if artifacts.encoder.is_dir():
            encoding.load(artifacts.encoder)
        else:
            # Finite weights give finite vectors, so a transformer that learns needs no first pass.
            if encoding.settings.train != "full" or not encoding.has_finite_weights():
                self._encode(dataset, encoding)
            apart = given is None and job.device != job.encode_device
            encoder = Encoder(self._trained_settings, self._resources) if apart else encoding
            trained, seconds = self._train(dataset, encoder)
            with main_first():
                if is_main():
                    save_training(trained, training_summary(trained, seconds), artifacts.encoder)
                    shutil.rmtree(artifacts.checkpoint, ignore_errors=True)
                if apart:
                    encoding.load(artifacts.encoder)
        if not artifacts.embeddings.is_dir():
            self._embed(dataset, encoding, artifacts.embeddings)

    @cached_property
    def _encoding(self) -> Encoder:
        """The encoder on the device that encodes."""
        job = self._inputs.job
        return Encoder(job.settings["encoder"], replace(self._resources, device=job.encode_device))

    @property
    def _trained_settings(self) -> EncoderSettings:
        """The settings of the encoder on the device that trains.

        Unless the transformer learns, its outputs come from the device that encodes, so they have
        that device's precision.
        """
        settings: EncoderSettings = self._inputs.job.settings["encoder"]
        if settings.train == "full" or settings.precision != "auto":
            return settings
        return replace(settings, precision="bf16" if self._encoding.bf16 else "fp32")

    def _encode(self, dataset: Dataset, encoder: Encoder) -> None:
        """Fill the cache with all pooled outputs, or the first job to train would pay for encoding.

        Raise InputError if some are not finite.
        """
        whole = dataset.whole
        documents = encoder.pooled(
            dataset.corpus.texts, "document", whole.corpus.texts if whole else None
        )
        training = encoder.pooled(
            _pairs(dataset).queries, "query", _pairs(whole).queries if whole else None
        )
        evaluated = [dataset.test(), *([dataset.tuning()] if dataset.can_tune() else [])]
        others = [encoder.pooled(split.texts, "query") for split in evaluated]
        check_finite(dataset.corpus.ids, documents, [training, *others])

    def _train(self, dataset: Dataset, encoder: Encoder) -> tuple[Trained, float]:
        job = self._inputs.job
        assert job.method.trainer is not None, "only methods that learn are trained"
        trainer = job.method.trainer.load()(
            job.settings["training"],
            job.settings.get(job.method.trainer.section, NoSettings()),
            self._resources,
        )
        pairs = _pairs(dataset)
        started = time.perf_counter()
        trained: Trained = trainer.fit(encoder, pairs, dataset.corpus, job.seed)
        took = time.perf_counter() - started + self._parts.seconds - self._parts.overhead
        return trained, trained.earlier_seconds + took

    def _train_router(self, base: Artifacts, dataset: Dataset) -> None:
        """Train a router on the frozen encoder and the document embeddings of `base`.

        The summary is that of the encoder's training, with the seconds of both trainings.
        """
        artifacts = self._inputs.artifacts
        given = self._given(dataset)
        encoding = given or self._encoding
        if encoding.settings.train != "full":
            self._encode(dataset, encoding)
        encoder = given or self._frozen(base, dataset)
        trained, seconds = self._train(dataset, encoder)
        if not is_main():
            return
        base_summary = base.summary()
        summary = {
            **base_summary,
            "seconds": round(base_summary["seconds"] + seconds, 3),
            "last_epoch": last_epoch(trained),
            "base_sha256": artifacts.base_sha256(),
        }
        with new_folder(artifacts.learned) as draft:
            save_router(trained, summary, draft)
        shutil.rmtree(artifacts.checkpoint, ignore_errors=True)

    def _frozen(self, base: Artifacts, dataset: Dataset) -> FrozenEncoder:
        """Return the encoder of `base`, with its document embeddings."""
        encoder = FrozenEncoder(self._trained_settings, self._resources)
        encoder.load(base.encoder)
        encoder.keep(dataset.corpus.texts, "document", base.documents())
        return encoder

    def _given(self, dataset: Dataset) -> GivenEncoder | None:
        """Return what looks up the vectors of a dataset that has vectors instead of texts."""
        if dataset.vectors is None:
            return None
        return GivenEncoder(self._resources, dataset.vectors)

    def _embed(self, dataset: Dataset, encoder: Encoder, folder: Path) -> None:
        texts: dict[str, tuple[Texts, Kind]] = {
            "documents": (dataset.corpus.texts, "document"),
            "test": (dataset.test().texts, "query"),
        }
        if dataset.can_tune():
            texts["tuning"] = (dataset.tuning().texts, "query")
        if not is_main():
            for part, kind in texts.values():
                encoder.embed_share(part, kind)
            return
        with (
            self._resources.progress("Embedding documents and queries", len(texts)) as advance,
            new_folder(folder) as draft,
        ):
            for name, (part, kind) in texts.items():
                shape = (len(part), encoder.profile.dimensions)
                given = encoder if isinstance(encoder, GivenEncoder) else None
                if given is not None and (file := given.mapped(part, kind)) is not None:
                    write_json(draft / f"{name}{POINTER}", file.pointer)
                else:
                    write_matrix(draft / f"{name}.npy", shape, partial(encoder.embed, part, kind))
                advance()
            write_json(draft / DOCUMENT_IDS, list(dataset.corpus.ids))
            draft_artifacts = replace(self._inputs.artifacts, embeddings=draft)
            tuning = draft_artifacts.tuning_queries()
            queries = [draft_artifacts.test_queries(), *([] if tuning is None else [tuning])]
            check_finite(dataset.corpus.ids, draft_artifacts.documents(), queries)
            exact = ExactIndex(NoSettings(), self._resources)
            exact.build(draft_artifacts.documents(), self._inputs.job.seed, None)
            depth = search_depth(dataset.test(), dataset.corpus, DEFAULT_DEPTH)
            hits = exact.search(draft_artifacts.test_queries(), depth, 1)
            np.save(draft / "exact.npy", hits.ids)


def _pairs(dataset: Dataset) -> Pairs:
    if dataset.has_train():
        return dataset.train().pairs()
    return Pairs(Texts(), np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64))
