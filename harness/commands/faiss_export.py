"""A trained index as files that need nothing of ours: Faiss, safetensors, JSON and a model folder.

FILE                      the Faiss index: postings with their vectors, ids are positions; and the
                          router, where Faiss can compute it
FILE.router.safetensors   the weights that lead a query to leaves, where Faiss cannot
FILE.ids.json             the documents' ids, by position
FILE.json                 what it is and how it is searched
FILE.encoder/             the encoder, a SentenceTransformer
"""

import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.store.run_folder import ensure_writable
from methods.atomic_files import new_file, new_folder, write_json
from methods.base import Router
from methods.encoder.encoder import Encoder
from methods.encoder.export import export_encoder
from methods.errors import InputError

PARTS = (".router.safetensors", ".ids.json", ".json", ".encoder")


@dataclass(frozen=True)
class FaissExport:
    """What is written. `note` is what FILE.json says.

    `index` is of Faiss; `router` leads queries to its lists, and is None where it routes itself.
    """

    index: Any
    router: Router | None
    document_ids: Sequence[str]
    note: Mapping[str, Any]
    encoder: Encoder

    def write(self, place: Path) -> None:
        """Write the files, all or none; `place` is FILE, and what stood there is replaced."""
        import faiss
        from safetensors.numpy import save_file

        router, ids, note, encoder = (part(place, ending) for ending in PARTS)
        with ExitStack() as drafts:
            whole = drafts.enter_context(new_file(place))  # entered first, so there last
            write_json(drafts.enter_context(new_file(note)), self.note)
            write_json(drafts.enter_context(new_file(ids)), list(self.document_ids))
            if self.router is not None:
                about = {"formula": self.router.formula}
                draft = drafts.enter_context(new_file(router))
                save_file(dict(self.router.tensors()), draft, metadata=about)
            export_encoder(self.encoder, drafts.enter_context(new_folder(encoder)))
            faiss.write_index(self.index, str(whole))
            for old in existing(place):
                shutil.rmtree(old) if old.is_dir() else old.unlink()


def part(place: Path, ending: str) -> Path:
    """Return the file beside FILE, `place`, whose name goes on with `ending`."""
    return place.with_name(place.name + ending)


def existing(place: Path) -> list[Path]:
    """Return what stands where FILE, `place`, and its parts would."""
    places = [place, *(part(place, ending) for ending in PARTS)]
    return [path for path in places if path.exists()]


def check_place(place: Path, force: bool) -> None:
    """Raise InputError where FILE, `place`, cannot be written or would replace something unasked.

    A folder is never replaced by FILE.
    """
    if not place.parent.is_dir():
        raise InputError(f"{place.parent} is no folder; make it, or choose another FILE")
    if place.is_dir():
        raise InputError(f"{place} is a folder; name a file in it")
    if not force and (there := existing(place)):
        raise InputError(f"{there[0]} is there already; --force replaces it")
    ensure_writable(place.parent, "choose another FILE")
