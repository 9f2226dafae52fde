"""Build `nq320k:FOLDER`: Natural Questions as documents by title, with the questions to find them.

DSI (Tay et al., NeurIPS 2022) and NCI (Wang et al., NeurIPS 2022) define it: the pages of all
training questions and then of all dev questions, the first of each title, are the documents. The
training questions train and the dev questions test. Those whose page also answers a training
question are the seen ones.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from harness.datasets.dataset import Dataset, SplitName, split_from_judgements
from harness.datasets.natural_questions.pages import (
    Question,
    find_file,
    read_questions,
    title_keys,
)
from harness.datasets.published_counts import NQ320K, named
from methods.base import Corpus
from methods.errors import InputError
from methods.paths import user_path
from methods.texts import Ids, Texts

SUMMARY = "NQ320k of DSI and NCI, 109,739 documents, from the files of Natural Questions"
CITATION = "Natural Questions (Kwiatkowski et al., TACL 2019), as NCI (NeurIPS 2022) splits it"
BATCH = 1024


def load(location: str) -> Dataset:
    """Return the dataset built from the two files in a folder.

    It is called nq320k if its counts are the published ones, and else by the folder, with a note
    of the counts that differ. Raise InputError if a file is missing or damaged.
    """
    folder = user_path(location)
    if not location or not folder.is_dir():
        raise InputError(
            f"{location or 'nq320k:'} is not a folder; write --dataset nq320k:FOLDER, with the "
            "files of Natural Questions in it"
        )
    positions: dict[str, int] = {}
    texts = Texts()
    queries: dict[SplitName, dict[str, str]] = {"train": {}, "test": {}}
    judgements: dict[SplitName, list[tuple[str, int, int]]] = {"train": [], "test": []}
    splits: tuple[tuple[SplitName, str], ...] = (("train", "train"), ("test", "dev"))
    for split, part in splits:
        path = find_file(folder, part)
        for question, key in _with_keys(read_questions(path)):
            if key not in positions:
                positions[key] = len(positions)
                texts.append(question.page)
            query = f"{part}-{len(queries[split])}"
            queries[split][query] = question.text
            judgements[split].append((query, positions[key], 1))
        if not queries[split]:
            raise InputError(f"{path} is empty; copy it again")
    ids = Ids(f"d{number}" for number in range(len(texts)))
    dataset = Dataset(
        f"nq320k:{folder.resolve().name}",
        "",
        CITATION,
        Corpus(ids, texts),
        {name: split_from_judgements(queries[name], judgements[name]) for name in queries},
    )
    return named(dataset, "nq320k", NQ320K)


def _with_keys(questions: Iterable[Question]) -> Iterator[tuple[Question, str]]:
    """Yield the questions with what identifies their titles, which is computed in batches."""
    iterator = iter(questions)
    while batch := list(islice(iterator, BATCH)):
        yield from zip(batch, title_keys([question.title for question in batch]), strict=True)
