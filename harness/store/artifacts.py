"""What a run folder keeps of a job: its trained encoder, the embeddings it gives, its indexes.

Each is a folder that is there whole or not at all, with checksums, so that sharing and resuming
are the same look at the disk:

    trained/<hash of what decides it>/checkpoint/     where training stands, until it is done
                                      encoder/        weights, router, training.json
                                      embeddings/     documents, tuning, test, exact (.npy),
                                                      document_ids.json
                                      indexes/<hash>/ what the index saved, build.json

What was learned upon another trainer's encoder has a router/ instead of encoder/ and embeddings/,
with the router and training.json: the encoder and its embeddings are those of the other.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from harness.plan.cells import Job
from methods.base import Array, Positions
from methods.durable import CHECKSUMS, file_sha256, first_damaged

TRAINING, BUILD = "training.json", "build.json"
DOCUMENT_IDS = "document_ids.json"
FILES = "files"


@dataclass(frozen=True)
class Artifacts:
    """The folders of a job; what lies in `home` was all made with what lies in `learned`.

    `learned` is `encoder` itself, but where the job learns upon the encoder of its `base`.
    """

    home: Path
    checkpoint: Path
    learned: Path
    encoder: Path
    embeddings: Path
    index: Path
    base: "Artifacts | None" = None

    @staticmethod
    def of(job: Job, trained: Path) -> "Artifacts":
        """Return the folders of a job below `trained`, whether or not they are there."""
        home = trained / job.trained_key
        index = home / "indexes" / f"{job.method.index.name}-{job.index_key}"
        checkpoint = home / "checkpoint"
        if job.base is None:
            learned, embeddings = home / "encoder", home / "embeddings"
            return Artifacts(home, checkpoint, learned, learned, embeddings, index)
        base = Artifacts.of(job.base, trained)
        learned = home / "router"
        return Artifacts(home, checkpoint, learned, base.encoder, base.embeddings, index, base)

    @staticmethod
    def named(folders: Mapping[str, str], run: Path) -> "Artifacts":
        """Return the folders that `below` named."""
        learned = run / folders["learned"]
        home = learned.parent
        return Artifacts(
            home,
            home / "checkpoint",
            learned,
            run / folders["encoder"],
            run / folders["embeddings"],
            run / folders["index"],
        )

    def below(self, run: Path) -> dict[str, str]:
        """Return by name the folders that are there, relative to the run folder."""
        places = {
            "learned": self.learned,
            "encoder": self.encoder,
            "embeddings": self.embeddings,
            "index": self.index,
        }
        return {n: p.relative_to(run).as_posix() for n, p in places.items() if p.is_dir()}

    def summary(self) -> dict[str, Any]:
        """Return what the records say of the training."""
        summary: dict[str, Any] = self._note(self.learned / TRAINING)["summary"]
        return summary

    def base_sha256(self) -> str:
        """Return the checksum of the encoder that the job learns upon; another means another."""
        return file_sha256(self.encoder / CHECKSUMS)

    def build(self) -> dict[str, Any]:
        """Return what the records say of building the index."""
        return self._note(self.index / BUILD)

    def index_files(self) -> Path:
        """Return the folder of what the index itself saved."""
        return self.index / FILES

    def documents(self) -> Array:
        """Return the document vectors (documents, dimensions), memory-mapped."""
        return self._matrix("documents")

    def has_document_ids(self) -> bool:
        """Say whether the embeddings came with the ids, which the first version did not keep."""
        return (self.embeddings / DOCUMENT_IDS).is_file()

    def document_ids(self) -> list[str]:
        """Return the ids of the documents, by position."""
        ids: list[str] = json.loads((self.embeddings / DOCUMENT_IDS).read_text(encoding="utf-8"))
        return ids

    def tuning_queries(self) -> Array | None:
        """Return the query vectors the effort is found on, or None where there are none."""
        return self._matrix("tuning") if (self.embeddings / "tuning.npy").is_file() else None

    def test_queries(self) -> Array:
        """Return the query vectors that results are measured on."""
        return self._matrix("test")

    def exact_ids(self) -> Positions:
        """Return the documents (test queries, 10) that exact search finds first."""
        ids: Positions = np.load(self.embeddings / "exact.npy")
        return ids

    def forget(self) -> None:
        """Remove what was trained and all that was made with it, other methods' indexes too."""
        shutil.rmtree(self.home, ignore_errors=True)
        if self.base is not None:
            self.base.forget()

    def discard_damaged(self) -> Path | None:
        """Remove what is damaged and what was made from it; return the first file at fault.

        What was learned upon an encoder that has been trained anew since counts as damaged. Return
        None where all of it is whole, or not there.
        """
        indexes = self.index.parent
        made_from = {
            self.learned: (self.home,),
            self.embeddings: (self.embeddings, indexes),  # the training is not lost
            self.index: (self.index,),
        }
        if self.base is not None:
            del made_from[self.embeddings]  # that is for the base's own job
            whole = self.learned.is_dir() and first_damaged(self.learned) is None
            if whole and self.summary().get("base_sha256") != self.base_sha256():
                shutil.rmtree(self.home, ignore_errors=True)
                return self.encoder / CHECKSUMS
        for folder, dependents in made_from.items():
            if folder.is_dir() and (damaged := first_damaged(folder)) is not None:
                for dependent in dependents:
                    shutil.rmtree(dependent, ignore_errors=True)
                return damaged
        return None

    def _matrix(self, name: str) -> Array:
        matrix: Array = np.load(self.embeddings / f"{name}.npy", mmap_mode="r")
        return matrix

    def _note(self, path: Path) -> dict[str, Any]:
        note: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return note
