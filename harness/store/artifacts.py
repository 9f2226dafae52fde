"""Find, read and delete the trained encoders, embeddings and indexes in a run folder.

Each of them is a folder that is written atomically, with checksums, so that another job or a
resumed run finds it by looking at the disk:

    trained/<hash of the settings>/checkpoint/     the state of an unfinished training
                                   encoder/        weights, router, training.json
                                   embeddings/     documents, tuning, test, exact (.npy, or a
                                                   .pointer.json to given vectors),
                                                   document_ids.json
                                   indexes/<hash>/ the index's own files, build.json
                                   parts/          what several of them are built from
                                   corpus-<hash>/  embeddings/ and indexes/ of another dataset
                                                   by this encoder and router

A router that was trained on the encoder of another job is kept in router/, with training.json,
and uses the encoder and the embeddings in the other job's folder.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from harness.plan.job import Job
from methods.atomic_files import CHECKSUMS, file_sha256, first_damaged
from methods.base import Array, Positions
from methods.encoder.vector_files import VectorFile

TRAINING, BUILD = "training.json", "build.json"
DOCUMENT_IDS = "document_ids.json"
FILES = "files"
POINTER = ".pointer.json"
"""Ends the name of a note of the file elsewhere that has a matrix."""


@dataclass(frozen=True)
class Artifacts:
    """The folders of a job."""

    home: Path  # contains every folder that depends on `learned`
    checkpoint: Path
    learned: Path  # `encoder`, or the router if the job trains on the encoder of its base
    encoder: Path
    embeddings: Path
    index: Path
    base: "Artifacts | None" = None  # of the job whose encoder this one trains on

    @staticmethod
    def for_job(job: Job, trained: Path) -> "Artifacts":
        """Return the folders of a job below `trained`, whether or not they exist."""
        home = trained / job.trained_key
        index = home / "indexes" / f"{job.method.index.name}-{job.index_key}"
        checkpoint = home / "checkpoint"
        if job.base is None:
            learned, embeddings = home / "encoder", home / "embeddings"
            return Artifacts(home, checkpoint, learned, learned, embeddings, index)
        base = Artifacts.for_job(job.base, trained)
        learned = home / "router"
        return Artifacts(home, checkpoint, learned, base.encoder, base.embeddings, index, base)

    def for_corpus(self, fingerprint: str) -> "Artifacts":
        """Return the folders of an index of another dataset, by the same encoder and router."""
        home = self.home / f"corpus-{fingerprint[:16]}"
        base = None if self.base is None else self.base.for_corpus(fingerprint)
        embeddings = home / "embeddings" if base is None else base.embeddings
        index = home / "indexes" / self.index.name
        return replace(self, embeddings=embeddings, index=index, base=base)

    @staticmethod
    def from_record(folders: Mapping[str, str], run: Path) -> "Artifacts":
        """Return the folders below `run` that a record names, as `relative_to` returned them."""
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

    def relative_to(self, run: Path) -> dict[str, str]:
        """Return the paths of the folders that exist, relative to the run folder, by name."""
        folders = {
            "learned": self.learned,
            "encoder": self.encoder,
            "embeddings": self.embeddings,
            "index": self.index,
        }
        return {
            name: folder.relative_to(run).as_posix()
            for name, folder in folders.items()
            if folder.is_dir()
        }

    def summary(self) -> dict[str, Any]:
        """Return the summary of the training that goes into records."""
        summary: dict[str, Any] = _read_object(self.learned / TRAINING)["summary"]
        return summary

    @property
    def parts(self) -> Path:
        """The folder of what the indexes of these embeddings have in common."""
        return self.embeddings.parent / "parts"

    def base_sha256(self) -> str:
        """Return the checksum of the encoder in use, which changes if it is trained again."""
        return file_sha256(self.encoder / CHECKSUMS)

    def build(self) -> dict[str, Any]:
        """Return the time and memory that building the index took."""
        return _read_object(self.index / BUILD)

    def index_files(self) -> Path:
        """Return the folder of the files that the index saved."""
        return self.index / FILES

    def documents(self) -> Array:
        """Return the document vectors (documents, dimensions), memory-mapped."""
        return self._matrix("documents")

    def has_document_ids(self) -> bool:
        """Return whether the ids were saved, which the first version of ehibench did not do."""
        return (self.embeddings / DOCUMENT_IDS).is_file()

    def document_ids(self) -> list[str]:
        """Return the ids of the documents, in the order of their vectors."""
        ids: list[str] = json.loads((self.embeddings / DOCUMENT_IDS).read_text(encoding="utf-8"))
        return ids

    def tuning_queries(self) -> Array | None:
        """Return the query vectors that the effort is found on, or None if there are none."""
        return self._matrix("tuning") if (self.embeddings / "tuning.npy").is_file() else None

    def test_queries(self) -> Array:
        """Return the query vectors that results are measured on."""
        return self._matrix("test")

    def exact_ids(self) -> Positions:
        """Return the first documents (test queries, `search_depth` of ten) of exact search."""
        ids: Positions = np.load(self.embeddings / "exact.npy")
        return ids

    def forget(self) -> None:
        """Delete what was trained and all that was made from it, even indexes of other methods."""
        shutil.rmtree(self.home, ignore_errors=True)
        if self.base is not None:
            self.base.forget()

    def discard_damaged(self) -> Path | None:
        """Delete a damaged folder and everything made from it, and return the damaged file.

        A router counts as damaged if its encoder has been trained again since. Return None if
        every folder that exists is undamaged.
        """
        deletions = {
            self.learned: (self.home,),
            self.embeddings: (self.embeddings, self.index.parent),  # the training is kept
            self.index: (self.index,),
        }
        if self.base is not None:
            del deletions[self.embeddings]  # the job of the base checks its own embeddings
            intact = self.learned.is_dir() and first_damaged(self.learned) is None
            if intact and self.summary().get("base_sha256") != self.base_sha256():
                shutil.rmtree(self.home, ignore_errors=True)
                return self.encoder / CHECKSUMS
        for folder, to_delete in deletions.items():
            if folder.is_dir() and (damaged := first_damaged(folder)) is not None:
                for path in to_delete:
                    shutil.rmtree(path, ignore_errors=True)
                return damaged
        return self._discard_moved()

    def _discard_moved(self) -> Path | None:
        """Delete embeddings that point to a file that is gone, and return this file."""
        given = self._pointer("documents")
        if given is None or given.path.is_file():
            return None
        shutil.rmtree(self.embeddings, ignore_errors=True)
        return given.path

    def _pointer(self, name: str) -> VectorFile | None:
        note = self.embeddings / f"{name}{POINTER}"
        return VectorFile.from_pointer(_read_object(note)) if note.is_file() else None

    def _matrix(self, name: str) -> Array:
        if (given := self._pointer(name)) is not None:
            mapped: Array = given.open()
            return mapped
        matrix: Array = np.load(self.embeddings / f"{name}.npy", mmap_mode="r")
        return matrix


def _read_object(path: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return values
