"""Store the ids and texts of a dataset in files that all processes map."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from harness.datasets.dataset import Dataset, Split
from methods.atomic_files import first_damaged, new_folder
from methods.base import Corpus
from methods.texts import Ids, Texts


def mapped(dataset: Dataset, folder: Path) -> Dataset:
    """Return the dataset with its ids and texts mapped from files in `folder`.

    The files are written if they are missing or damaged. Pickling the result copies the judgements,
    but only the paths of the files. Raise DiskFullError if the disk is full.
    """
    home = folder / dataset.fingerprint[:16]
    if not home.is_dir() or first_damaged(home) is not None:
        with new_folder(home) as draft:
            for name, strings in _strings(dataset):
                strings.save(draft / name)
    splits = {
        name: replace(
            split, ids=Ids.mapped(home / f"{name}-ids"), texts=Texts.mapped(home / f"{name}-texts")
        )
        for name, split in dataset.splits.items()
    }
    return replace(
        dataset,
        corpus=Corpus(Ids.mapped(home / "corpus-ids"), Texts.mapped(home / "corpus-texts")),
        splits=splits,
        whole=None if dataset.whole is None else mapped(dataset.whole, folder),
    )


def _strings(dataset: Dataset) -> Iterator[tuple[str, Texts]]:
    """Yield the ids and the texts of the corpus and of every split, by name."""
    parts: list[tuple[str, Corpus | Split]] = [("corpus", dataset.corpus), *dataset.splits.items()]
    for name, part in parts:
        yield f"{name}-ids", part.ids
        yield f"{name}-texts", part.texts
