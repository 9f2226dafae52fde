"""A dataset: a corpus, and queries with relevance judgements by split."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from methods.automatic import CorpusSize
from methods.base import Corpus, Pairs, Positions
from methods.errors import InputError
from methods.texts import Ids, Texts
from methods.training.batches import ranges

SplitName = Literal["train", "dev", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "dev", "test")
TUNING_SHARE = 10
"""Without a dev split, one training query in this many finds the effort and is not trained on."""


@dataclass(frozen=True)
class Split:
    """Queries with their judged documents, in compressed rows.

    The judged documents of query i are the corpus positions
    `documents[starts[i]:starts[i + 1]]`. `grades` has the same shape; a grade above 0 means
    relevant.
    """

    ids: Ids
    texts: Texts
    starts: Positions
    documents: Positions
    grades: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def rows(self) -> Positions:
        """The query position of every judgement."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def relevant(self) -> Positions:
        """Return the corpus positions that are relevant to at least one query, without repeats."""
        return np.unique(self.documents[self.grades > 0])

    def subset(self, kept: NDArray[np.bool_]) -> "Split":
        """Return the queries for which `kept` (n,) is true."""
        positions = np.flatnonzero(kept)
        counts = np.diff(self.starts)[positions]
        judgements = ranges(self.starts[positions], counts)
        return Split(
            Ids(self.ids[int(i)] for i in positions),
            Texts(self.texts[int(i)] for i in positions),
            np.concatenate([[0], np.cumsum(counts)]),
            self.documents[judgements],
            self.grades[judgements],
        )

    def pairs(self) -> Pairs:
        """Return the queries that have relevant documents, with these documents, to train on."""
        relevant = np.zeros(len(self), dtype=np.bool_)
        relevant[self.rows[self.grades > 0]] = True
        split = self.subset(relevant)
        counts = np.bincount(split.rows[split.grades > 0], minlength=len(split))
        return Pairs(
            split.texts,
            np.concatenate([[0], np.cumsum(counts)]),
            split.documents[split.grades > 0],
        )

    def digest(self) -> str:
        """Return a sha256 over the queries and judgements."""
        parts = [self.ids.digest(), self.texts.digest()]
        checksum = hashlib.sha256("".join(parts).encode())
        for array in (self.starts, self.documents, self.grades):
            checksum.update(array.tobytes())
        return checksum.hexdigest()


@dataclass(frozen=True)
class Dataset:
    """A corpus and its splits; `source` is what to cite and to show with every result."""

    name: str
    version: str
    source: str
    corpus: Corpus
    splits: Mapping[SplitName, Split]

    @cached_property
    def fingerprint(self) -> str:
        """A sha256 over the corpus, the queries and the judgements."""
        parts = [self.corpus.ids.digest(), self.corpus.texts.digest()]
        parts += [f"{name}:{self.splits[name].digest()}" for name in sorted(self.splits)]
        return hashlib.sha256("".join(parts).encode()).hexdigest()

    @property
    def size(self) -> CorpusSize:
        """The number of documents and of queries to train on, which `auto` settings follow."""
        return CorpusSize(len(self.corpus), len(self.train()) if self.has_train() else 0)

    @cached_property
    def _train_and_tuning(self) -> tuple[Split | None, Split | None]:
        train, dev = self.splits.get("train"), self.splits.get("dev")
        if train is None or dev is not None:
            return train, dev
        digests = (hashlib.sha256(name.encode()).digest() for name in train.ids)
        tunes = np.array([int.from_bytes(d[:4]) % TUNING_SHARE == 0 for d in digests])
        if not tunes.any():  # of a handful of queries, none may hash into the chosen tenth
            tunes[0] = True
        return train.subset(~tunes), train.subset(tunes)

    def train(self) -> Split:
        """Return the queries to train on. Raise InputError if there are none."""
        train, _ = self._train_and_tuning
        if train is None:
            raise InputError(
                f"{self.name} has no train split; "
                "--set encoder.train=frozen runs two-stage methods without training"
            )
        return train

    def has_train(self) -> bool:
        """Return whether there is a train split."""
        return "train" in self.splits

    def can_tune(self) -> bool:
        """Return whether there are queries to find an effort on."""
        return self._train_and_tuning[1] is not None

    def tuning(self) -> Split:
        """Return the queries that the effort is found on: dev, else a fixed tenth of train."""
        _, tuning = self._train_and_tuning
        if tuning is None:
            raise InputError(
                f"{self.name} has neither a dev nor a train split to find the effort on; "
                "the test queries are never used for that"
            )
        return tuning

    def test(self) -> Split:
        """Return the queries that the results are measured on."""
        if "test" not in self.splits:
            raise InputError(f"{self.name} has no test split")
        return self.splits["test"]

    @cached_property
    def unseen(self) -> NDArray[np.bool_]:
        """Test queries (n,) whose relevant documents are relevant to no training query."""
        test = self.test()
        if "train" not in self.splits:
            return np.ones(len(test), dtype=np.bool_)
        seen = np.isin(test.documents, self.splits["train"].relevant()) & (test.grades > 0)
        unseen = np.ones(len(test), dtype=np.bool_)
        unseen[test.rows[seen]] = False
        return unseen


def split_from_judgements(
    queries: Mapping[str, str], judgements: Iterable[tuple[str, int, int]]
) -> Split:
    """Return the split of the judged queries, in the order of `queries`.

    `queries` maps ids to texts. A judgement is (query id, corpus position, grade), and its query
    id must be in `queries`.
    """
    order = {query: position for position, query in enumerate(queries)}
    rows = np.array([(order[q], d, g) for q, d, g in judgements], dtype=np.int64).reshape(-1, 3)
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    judged, counts = np.unique(rows[:, 0], return_counts=True)
    names = list(queries)
    return Split(
        Ids(names[i] for i in judged),
        Texts(queries[names[i]] for i in judged),
        np.concatenate([[0], np.cumsum(counts)]),
        rows[:, 1].copy(),
        rows[:, 2].copy(),
    )
