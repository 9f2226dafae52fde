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
from methods.encoder.vector_files import GivenVectors
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
    `documents[starts[i]:starts[i + 1]]`. Documents that the corpus lacks have negative numbers.
    `grades` has the same shape; a grade of at least `relevant_from` means relevant, for all
    measures but nDCG.
    """

    ids: Ids
    texts: Texts
    starts: Positions
    documents: Positions
    grades: NDArray[np.int64]
    relevant_from: int = 1

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def rows(self) -> Positions:
        """The query position of every judgement."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    @property
    def is_relevant(self) -> NDArray[np.bool_]:
        """Whether the document of each judgement is relevant, and in the corpus."""
        return (self.grades >= self.relevant_from) & (self.documents >= 0)

    @cached_property
    def has_relevant(self) -> NDArray[np.bool_]:
        """Whether each query (n,) has a relevant document."""
        has = np.zeros(len(self), dtype=np.bool_)
        has[self.rows[self.is_relevant]] = True
        return has

    def relevant(self) -> Positions:
        """Return the corpus positions that are relevant to at least one query, without repeats."""
        return np.unique(self.documents[self.is_relevant])

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
            self.relevant_from,
        )

    def pairs(self) -> Pairs:
        """Return the queries that have relevant documents, with these documents, to train on."""
        split = self.subset(self.has_relevant)
        counts = np.bincount(split.rows[split.is_relevant], minlength=len(split))
        return Pairs(
            split.texts,
            np.concatenate([[0], np.cumsum(counts)]),
            split.documents[split.is_relevant],
        )

    def digest(self) -> str:
        """Return a sha256 over the queries and judgements."""
        parts = [self.ids.digest(), self.texts.digest()]
        if self.relevant_from != 1:
            parts.append(f"relevant from {self.relevant_from}")
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
    whole: "Dataset | None" = (
        None  # contains all documents, if this one lacks those that come later
    )
    notes: tuple[str, ...] = ()  # one line for each kind of odd judgement that was read
    vectors: GivenVectors | None = None  # named by the texts, if there are vectors instead of texts

    @cached_property
    def fingerprint(self) -> str:
        """A sha256 over the corpus, the queries and the judgements."""
        parts = [self.corpus.ids.digest(), self.corpus.texts.digest()]
        parts += [f"{name}:{self.splits[name].digest()}" for name in sorted(self.splits)]
        searched = (self.splits.get("test"), self._train_and_tuning[1])
        if any((own_documents(split, self.corpus) >= 0).any() for split in searched if split):
            # ehibench 0.1 let queries find themselves, and 0.3 kept ten documents of exact search.
            parts.append("without own documents, of eleven")
        if self.vectors is not None:
            parts.append(f"vectors {self.vectors.sha256}")
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
    def seen(self) -> NDArray[np.bool_]:
        """Test queries (n,) with a document that is relevant to them and to a training query."""
        test = self.test()
        seen = np.zeros(len(test), dtype=np.bool_)
        if "train" in self.splits:
            trained = np.isin(test.documents, self.splits["train"].relevant()) & test.is_relevant
            seen[test.rows[trained]] = True
        return seen

    @property
    def unseen(self) -> NDArray[np.bool_]:
        """Test queries (n,) with relevant documents, none of them relevant to a training query."""
        return self.test().has_relevant & ~self.seen


def own_documents(split: Split, corpus: Corpus) -> Positions:
    """Return the corpus position (n,) of the document that has the id of each query, or -1.

    In some datasets, such as ArguAna, a query is itself a document. It does not answer itself, so
    BEIR and MTEB leave it out of what was found. A document that is judged relevant to the query of
    its id is an answer, and is not returned.
    """
    own = np.array([corpus.ids.find(query) for query in split.ids], dtype=np.int64)
    answers = split.is_relevant & (split.documents == own[split.rows])
    own[split.rows[answers]] = -1
    return own


def split_from_judgements(
    queries: Mapping[str, str],
    judgements: Iterable[tuple[str, int, int]],
    relevant_from: int = 1,
) -> Split:
    """Return the split of the judged queries, in the order of `queries`.

    `queries` maps ids to texts. A judgement is (query id, document, grade), where the document is
    its corpus position, or a negative number of its own if the corpus lacks it. The query id must
    be in `queries`. `relevant_from` is the smallest grade that means relevant.
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
        relevant_from,
    )
