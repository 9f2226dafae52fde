"""Training once what several methods share: a look at the disk, else the trainer."""

import json
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from harness.datasets.dataset import Dataset
from harness.plan import Job
from harness.store import RunFolder
from methods.base import Array, Pairs, Resources, Trained, Trainer
from methods.embedding_cache import cached_matrix
from methods.encoder import Encoder, Kind
from methods.settings import NoSettings
from methods.texts import Texts

ROUTER_FILE = "router.safetensors"


@dataclass(frozen=True)
class TrainedJob:
    """What was trained for a job, and the embeddings it gives, memory-mapped.

    `summary` is what the records say of the training.
    """

    trained: Trained
    documents: Array
    tuning_queries: Array | None
    test_queries: Array
    summary: Mapping[str, Any]


def train_or_load(
    job: Job, dataset: Dataset, folder: RunFolder, resources: Resources
) -> TrainedJob:
    """Return the job's encoder and embeddings, trained now unless the run folder holds them."""
    encoder = Encoder(job.settings["encoder"], resources)
    place = folder.trained / job.trained_from
    if (place / "training.json").is_file():
        trained = _load(job, place, encoder)
    else:
        trained, seconds = _train(job, dataset, encoder, resources)
        _save(trained, _summary(trained, seconds), place)
    summary = json.loads((place / "training.json").read_text())["summary"]

    def embedded(texts: Texts, kind: Kind) -> Array:
        made_from = {"trained": job.trained_from, "kind": kind, "texts": texts.digest()}
        shape = (len(texts), encoder.profile.dimensions)
        return cached_matrix(
            place / "embeddings",
            made_from,
            shape,
            lambda matrix: encoder.embed(texts, kind, matrix),
        )

    with resources.progress("Embedding documents and queries", 3) as advance:
        documents = embedded(dataset.corpus.texts, "document")
        advance()
        tuning = embedded(dataset.tuning().texts, "query") if dataset.can_tune() else None
        advance()
        test = embedded(dataset.test().texts, "query")
    return TrainedJob(trained, documents, tuning, test, summary)


def forget_trained(job: Job, folder: RunFolder) -> None:
    """Remove what was trained for a job, so that it is trained again."""
    shutil.rmtree(folder.trained / job.trained_from, ignore_errors=True)


def _train(
    job: Job, dataset: Dataset, encoder: Encoder, resources: Resources
) -> tuple[Trained, float]:
    trainer = job.method.trainer.load()(
        job.settings["training"],
        job.settings.get(job.method.trainer.name, NoSettings()),
        resources,
    )
    pairs = dataset.train().pairs() if dataset.has_train() else _no_pairs()
    if encoder.settings.train != "full":  # encoding is paid once, by whoever comes first
        encoder.pooled(pairs.queries, "query")
        encoder.pooled(dataset.corpus.texts, "document")
    started = time.perf_counter()
    trained: Trained = trainer.fit(encoder, pairs, dataset.corpus, job.seed)
    return trained, time.perf_counter() - started


def _no_pairs() -> Pairs:
    return Pairs(Texts(), np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64))


def _save(trained: Trained, summary: Mapping[str, Any], place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=place.parent))
    try:
        trained.encoder.save(draft)
        if trained.router is not None:
            trained.router.save(draft / ROUTER_FILE)
        note = {"summary": summary, "history": list(trained.history)}
        (draft / "training.json").write_text(json.dumps(note, indent=1))
        shutil.rmtree(place, ignore_errors=True)
        draft.rename(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _load(job: Job, place: Path, encoder: Encoder) -> Trained:
    note = json.loads((place / "training.json").read_text())
    encoder.load(place)
    router_file = place / ROUTER_FILE
    trainer: type[Trainer] = job.method.trainer.load()
    router = trainer.load_router(router_file) if router_file.is_file() else None
    updates = note["summary"]["encoder_updates"]
    return Trained(encoder, router, job.seed, updates, note["history"])


def _summary(trained: Trained, seconds: float) -> dict[str, Any]:
    encoder = trained.encoder
    return {
        "trained_parts": encoder.trained_parts(),
        "encoder_updates": trained.encoder_updates,
        "seconds": round(seconds, 3),
        "precision": "bf16" if encoder.bf16 else "fp32",
        "bf16_speedup": encoder.profile.bf16_speedup,
        "encoder_sha256": encoder.fingerprint,
        "last_epoch": dict(trained.history[-1]) if trained.history else {},
    }
