"""Split the documents of a dataset into those that are there first and those that arrive later."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from harness.datasets.dataset import Dataset, Split, SplitName
from methods.base import Corpus, Positions
from methods.errors import InputError
from methods.texts import Ids, Texts


@dataclass(frozen=True)
class Arrivals:
    """Which documents (n,) of a dataset arrive later, and the dataset without them."""

    later: NDArray[np.bool_]
    first: Dataset

    @property
    def order(self) -> Positions:
        """The positions of all documents, those that arrive later last."""
        return np.concatenate([np.flatnonzero(~self.later), np.flatnonzero(self.later)])


def arrivals(dataset: Dataset, share: float) -> Arrivals:
    """Let about this share of the documents arrive later.

    A hash of a document's id decides, so it is the same for all methods and seeds, and a larger
    share contains a smaller one. The first documents keep all queries, and only the judgements
    that are about them. Raise InputError if too few documents or judgements are left.
    """
    corpus = dataset.corpus
    later = np.array([_arrival(name) < share for name in corpus.ids])
    if later.all() or not later.any():
        count = "all" if later.any() else "none"
        raise InputError(
            f"--share {share:g}: {count} of the {len(later):,} documents would arrive later; "
            f"give a {'smaller' if later.any() else 'larger'} share"
        )
    splits: dict[SplitName, Split] = {"test": _without(dataset.test(), later)}
    if dataset.has_train():
        splits["train"] = _without(dataset.train(), later)
        if not splits["train"].has_relevant.any():
            raise InputError(
                f"--share {share:g}: no training query has a document that is there first; give a "
                "smaller share"
            )
    if dataset.can_tune():  # named, so that not another tenth of the training queries is taken
        splits["dev"] = _without(dataset.tuning(), later)
    kept = np.flatnonzero(~later).tolist()
    first = replace(
        dataset,
        corpus=Corpus(Ids(corpus.ids[i] for i in kept), Texts(corpus.texts[i] for i in kept)),
        splits=splits,
        whole=dataset,
    )
    return Arrivals(later, first)


def parts_by_arrival(split: Split, later: NDArray[np.bool_]) -> Mapping[str, NDArray[np.bool_]]:
    """Return the queries (n,) with first documents only as relevant ones, and those with a later.

    A query without a relevant document is in neither part.
    """
    has_later = np.zeros(len(split), dtype=np.bool_)
    has_later[split.rows[split.is_relevant & _arrives_later(split, later)]] = True
    return {"first": split.has_relevant & ~has_later, "later": has_later}


def _arrival(name: str) -> float:
    """Return when a document arrives, from 0 (last) to 1, by a hash of its id."""
    # Queries are chosen to tune by a hash of their ids, and a query may have a document's id.
    digest = hashlib.sha256(f"arrival of {name}".encode(errors="replace")).digest()
    return int.from_bytes(digest[:4]) / 2**32


def _without(split: Split, later: NDArray[np.bool_]) -> Split:
    """Return all queries, with the judgements about the first documents at their new positions."""
    kept = ~_arrives_later(split, later)
    counts = np.bincount(split.rows[kept], minlength=len(split))
    position = np.cumsum(~later) - 1
    documents = split.documents[kept]
    in_corpus = documents >= 0
    documents[in_corpus] = position[documents[in_corpus]]
    return replace(
        split,
        starts=np.concatenate([[0], np.cumsum(counts)]),
        documents=documents,
        grades=split.grades[kept],
    )


def _arrives_later(split: Split, later: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return whether the document of each judgement arrives later; one outside the corpus never."""
    return (split.documents >= 0) & later[np.maximum(split.documents, 0)]
