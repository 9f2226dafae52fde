"""Write a trained index as files that need no ehibench: Faiss, safetensors, JSON, an encoder.

FILE                      the Faiss index: posting lists of vectors, whose ids are positions, and
                          the router, if Faiss can compute it
FILE.graph                the Faiss graph that is entered where the lists lead, if there is one
FILE.router.safetensors   the weights that route a query to leaves, if Faiss cannot
FILE.ids.json             the ids of the documents, by position
FILE.json                 what the index is, and how to search it
FILE.encoder/             the encoder, a SentenceTransformer
"""

import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.store.run_folder import ensure_writable
from methods.atomic_files import new_file, new_folder, write_json
from methods.base import Router
from methods.errors import InputError

if TYPE_CHECKING:
    from methods.encoder.encoder import Encoder

SUFFIXES = (".graph", ".router.safetensors", ".ids.json", ".json", ".encoder")


@dataclass(frozen=True)
class FaissExport:
    """The contents of the files."""

    index: Any  # a Faiss index
    router: Router | None  # routes queries to its lists; None if the index does that itself
    document_ids: Sequence[str]
    note: Mapping[str, Any]  # the content of FILE.json
    encoder: "Encoder"
    graph: Any = None  # a Faiss graph of the same documents

    def write(self, file: Path) -> None:
        """Write all files or none, in place of those that FILE and its parts had before."""
        import faiss
        from safetensors.numpy import save_file

        from methods.encoder.export import export_encoder

        graph, router, ids, note, encoder = (part(file, suffix) for suffix in SUFFIXES)
        with ExitStack() as drafts:
            index = drafts.enter_context(new_file(file))  # entered first, so it appears last
            write_json(drafts.enter_context(new_file(note)), self.note)
            write_json(drafts.enter_context(new_file(ids)), list(self.document_ids))
            if self.graph is not None:
                faiss.write_index(self.graph, str(drafts.enter_context(new_file(graph))))
            if self.router is not None:
                metadata = {"formula": self.router.formula}
                draft = drafts.enter_context(new_file(router))
                save_file(dict(self.router.tensors()), draft, metadata=metadata)
            export_encoder(self.encoder, drafts.enter_context(new_folder(encoder)))
            faiss.write_index(self.index, str(index))
            for old in existing_parts(file):
                shutil.rmtree(old) if old.is_dir() else old.unlink()


def part(file: Path, suffix: str) -> Path:
    """Return the path of FILE with a suffix appended to its name."""
    return file.with_name(file.name + suffix)


def existing_parts(file: Path, suffixes: Sequence[str] = SUFFIXES) -> list[Path]:
    """Return which of FILE and its parts exist."""
    paths = [file, *(part(file, suffix) for suffix in suffixes)]
    return [path for path in paths if path.exists()]


def check_writable(file: Path, force: bool, suffixes: Sequence[str] = SUFFIXES) -> None:
    """Raise InputError if FILE cannot be written, is a folder, or exists and `force` is not set.

    `suffixes` are the endings of the other files that are written next to it.
    """
    if not file.parent.is_dir():
        raise InputError(f"{file.parent} is not a folder; make it, or choose another FILE")
    if file.is_dir():
        raise InputError(f"{file} is a folder; name a file in it")
    if not force and (existing := existing_parts(file, suffixes)):
        raise InputError(f"{existing[0]} already exists; --force replaces it")
    ensure_writable(file.parent, "choose another FILE")


def check_free_folder(folder: Path, force: bool) -> None:
    """Raise InputError if FOLDER cannot be made, or exists and `force` is not set.

    Only a model is ever replaced, no other folder.
    """
    if folder.exists() and not (folder / "modules.json").is_file():
        raise InputError(f"{folder} exists and is not a model; choose another FOLDER")
    if folder.exists() and not force:
        raise InputError(f"{folder} already exists; --force replaces it")
    ensure_writable(folder.parent, "choose another FOLDER")
