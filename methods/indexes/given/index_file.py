"""A file with an index that somebody else built, and the method that searches it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from methods.atomic_files import file_sha256
from methods.base import Array
from methods.errors import InputError
from methods.method import Component, Method
from methods.registry import DUAL_ENCODER, FAISS, HNSWLIB

Library = Literal["faiss", "hnswlib"]
LINK = "index"
HNSWLIB_START = bytes(8)
"""An hnswlib file starts with the offset of level 0, which is 0; a Faiss file with four letters."""


@dataclass(frozen=True)
class GivenIndexSettings:
    """The file of an index, which its content identifies."""

    sha256: str
    file: str = field(metadata={"hashed": False})  # so that the file may move
    euclidean: bool = False  # whether the vectors have one more dimension than those indexed


def given_method(name: str, file: Path, euclidean: bool) -> tuple[Method, GivenIndexSettings]:
    """Return the method that searches the index in a file, and its settings.

    Raise InputError if the file is neither of Faiss nor of hnswlib.
    """
    library = library_of(file)
    summary = f"the index in {file.name} ({library})"
    settings = GivenIndexSettings(file_sha256(file), str(file.resolve()), euclidean)
    target, version = {
        "faiss": ("methods.indexes.given.faiss_index:GivenFaissIndex", 2),
        "hnswlib": ("methods.indexes.given.hnswlib_index:GivenHnswlibIndex", 1),
    }[library]
    component = Component(
        f"given_{library}",
        target,
        GivenIndexSettings,
        (FAISS,) if library == "faiss" else (HNSWLIB, FAISS),
        section=f"index {name}",
        version=version,
    )
    return Method(name, summary, DUAL_ENCODER, component), settings


def library_of(file: Path) -> Library:
    """Return the library that wrote an index. Raise InputError if it is neither of the two."""
    try:
        with file.open("rb") as opened:
            start = opened.read(len(HNSWLIB_START))
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}") from None
    if start == HNSWLIB_START:
        return "hnswlib"
    if len(start) == len(HNSWLIB_START) and start[:4].isalnum():
        return "faiss"
    raise InputError(f"{file} is not an index that Faiss or hnswlib has written")


def link_file(settings: GivenIndexSettings, folder: Path) -> None:
    """Put a link to the file into `folder`, so that it is not copied."""
    (folder / LINK).symlink_to(settings.file)


def check_fits(
    settings: GivenIndexSettings, indexed: int, dimensions: int, documents: Array
) -> None:
    """Raise InputError unless these can be the documents (n, dimensions) of an index."""
    expected = documents.shape[1] - settings.euclidean
    if indexed != len(documents):
        raise InputError(
            f"{settings.file} has {indexed:,} documents, but the dataset has {len(documents):,}; "
            "build it from all of them, in their order"
        )
    if dimensions != expected:
        raise InputError(
            f"{settings.file} has {dimensions} dimensions, but the vectors have {expected}; build "
            "it from the vectors of this dataset"
        )


def check_positions(settings: GivenIndexSettings, ids: np.ndarray, documents: int) -> None:
    """Raise InputError unless the ids in an index are positions of documents."""
    if len(ids) and not 0 <= int(ids.min()) <= int(ids.max()) < documents:
        wrong = int(ids.min()) if ids.min() < 0 else int(ids.max())
        raise InputError(
            f"{settings.file} has the id {wrong:,}; its ids have to be the positions of the "
            f"documents, from 0 to {documents - 1:,}"
        )


def as_indexed(settings: GivenIndexSettings, queries: Array) -> Array:
    """Return queries (n, dimensions) as the index reads them.

    For Euclidean distances, the vectors of the dataset have one more dimension than those indexed.
    """
    return np.ascontiguousarray(queries[:, :-1]) if settings.euclidean else queries
