"""Training, and embedding with what was trained: in a process of its own."""

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from harness.datasets import load_dataset
from harness.datasets.dataset import Dataset
from harness.measure.threads import use_threads
from harness.plan.cells import Job
from harness.store.artifacts import DOCUMENT_IDS, TRAINING, Artifacts
from methods.base import Pairs, ProgressBar, Resources
from methods.durable import new_folder, write_json
from methods.encoder.cache import write_matrix
from methods.encoder.encoder import Encoder, Kind
from methods.encoder.frozen import FrozenEncoder
from methods.errors import InputError
from methods.indexes.exact import ExactIndex
from methods.settings import NoSettings
from methods.texts import Texts
from methods.trainer import Trained

ROUTER_FILE = "router.safetensors"
EXACT_DEPTH = 10


@dataclass(frozen=True)
class JobInputs:
    """The job to be trained or built. `dataset` is what the user wrote."""

    job: Job
    dataset: str
    artifacts: Artifacts
    cache: Path
    threads: int


class Training:
    """Trains a job's encoder, and whatever else its method learns, and embeds the dataset."""

    def __init__(self, inputs: JobInputs, progress: ProgressBar) -> None:
        use_threads(inputs.threads)
        self._inputs = inputs
        self._resources = Resources(
            inputs.job.device, inputs.cache, progress, inputs.artifacts.checkpoint
        )

    def run(self) -> None:
        """Make what is missing of the encoder and its embeddings, or of what is learned upon it."""
        job, artifacts = self._inputs.job, self._inputs.artifacts
        dataset = reload_dataset(self._inputs.dataset, job, self._resources.progress)
        if artifacts.base is not None:
            self._train_upon(artifacts.base, dataset)
            return
        encoder = Encoder(job.settings["encoder"], self._resources)
        if artifacts.encoder.is_dir():
            encoder.load(artifacts.encoder)
        else:
            trained, seconds = self._train(dataset, encoder)
            _save(trained, _summary(trained, seconds), artifacts.encoder)
            shutil.rmtree(artifacts.checkpoint, ignore_errors=True)
        if not artifacts.embeddings.is_dir():
            self._embed(dataset, encoder, artifacts.embeddings)

    def _train(self, dataset: Dataset, encoder: Encoder) -> tuple[Trained, float]:
        job = self._inputs.job
        assert job.method.trainer is not None, "only methods that learn are trained"
        trainer = job.method.trainer.load()(
            job.settings["training"],
            job.settings.get(job.method.trainer.section, NoSettings()),
            self._resources,
        )
        pairs = dataset.train().pairs() if dataset.has_train() else _no_pairs()
        if encoder.settings.train != "full":  # encoding is paid once, by whoever comes first
            encoder.pooled(pairs.queries, "query")
            encoder.pooled(dataset.corpus.texts, "document")
        started = time.perf_counter()
        trained: Trained = trainer.fit(encoder, pairs, dataset.corpus, job.seed)
        return trained, trained.earlier_seconds + time.perf_counter() - started

    def _train_upon(self, base: Artifacts, dataset: Dataset) -> None:
        """Train a router on the frozen encoder of `base`, and on the documents as it embeds them.

        The record tells of the encoder what its own training told, and of the seconds of both.
        """
        artifacts = self._inputs.artifacts
        encoder = FrozenEncoder(self._inputs.job.settings["encoder"], self._resources)
        encoder.load(base.encoder)
        encoder.keep(dataset.corpus.texts, "document", base.documents())
        trained, seconds = self._train(dataset, encoder)
        of_base = base.summary()
        summary = {
            **of_base,
            "seconds": round(of_base["seconds"] + seconds, 3),
            "last_epoch": _last_epoch(trained),
            "base_sha256": artifacts.base_sha256(),
        }
        with new_folder(artifacts.learned) as draft:
            _save_router(trained, summary, draft)
        shutil.rmtree(artifacts.checkpoint, ignore_errors=True)

    def _embed(self, dataset: Dataset, encoder: Encoder, place: Path) -> None:
        texts: dict[str, tuple[Texts, Kind]] = {
            "documents": (dataset.corpus.texts, "document"),
            "test": (dataset.test().texts, "query"),
        }
        if dataset.can_tune():
            texts["tuning"] = (dataset.tuning().texts, "query")
        with (
            self._resources.progress("Embedding documents and queries", len(texts)) as advance,
            new_folder(place) as draft,
        ):
            for name, (of_kind, kind) in texts.items():
                shape = (len(of_kind), encoder.profile.dimensions)
                write_matrix(draft / f"{name}.npy", shape, partial(encoder.embed, of_kind, kind))
                advance()
            write_json(draft / DOCUMENT_IDS, list(dataset.corpus.ids))
            draft_artifacts = replace(self._inputs.artifacts, embeddings=draft)
            exact = ExactIndex(NoSettings(), self._resources)
            exact.build(draft_artifacts.documents(), self._inputs.job.seed, None)
            hits = exact.search(draft_artifacts.test_queries(), EXACT_DEPTH, 1)
            np.save(draft / "exact.npy", hits.ids)


def reload_dataset(written: str, job: Job, progress: ProgressBar) -> Dataset:
    """Return the dataset in this process. Raise InputError where it is another than planned."""
    with progress(f"Loading {written}", 1):
        dataset = load_dataset(written)
    if dataset.fingerprint != job.dataset_fingerprint:
        raise InputError(f"{written} has changed since the run began; start it again")
    return dataset


def _no_pairs() -> Pairs:
    return Pairs(Texts(), np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64))


def _save(trained: Trained, summary: Mapping[str, Any], place: Path) -> None:
    with new_folder(place) as draft:
        trained.encoder.save(draft)
        _save_router(trained, summary, draft)


def _save_router(trained: Trained, summary: Mapping[str, Any], draft: Path) -> None:
    if trained.router is not None:
        trained.router.save(draft / ROUTER_FILE)
    write_json(draft / TRAINING, {"summary": summary, "history": list(trained.history)})


def _last_epoch(trained: Trained) -> dict[str, float]:
    return dict(trained.history[-1]) if trained.history else {}


def _summary(trained: Trained, seconds: float) -> dict[str, Any]:
    encoder = trained.encoder
    refreshes = [row["refresh_seconds"] for row in trained.history if "refresh_seconds" in row]
    return {
        "trained_parts": encoder.trained_parts(),
        "encoder_updates": trained.encoder_updates,
        "seconds": round(seconds, 3),
        "refreshes": len(refreshes),
        "refresh_seconds": round(sum(refreshes), 3),
        "precision": "bf16" if encoder.bf16 else "fp32",
        "bf16_speedup": encoder.profile.bf16_speedup,
        "encoder_sha256": encoder.fingerprint,
        "last_epoch": _last_epoch(trained),
    }
