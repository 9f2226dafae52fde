"""The batches that every trainer of a run sees: the same queries, documents and order."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from methods.base import Pairs, Positions


@dataclass(frozen=True)
class Batch:
    """Queries, one relevant document each, and which of the documents are relevant to which.

    `queries` (n,) are positions in the pairs and `documents` (n + h,) in the corpus: first
    the one drawn for each query, then hard negatives. `relevant[i, j]` says whether
    document j is relevant to query i; it holds for i = j.
    """

    queries: Positions
    documents: Positions
    relevant: NDArray[np.bool_]


class Batches:
    """Every query once an epoch, with one of its relevant documents drawn at random.

    An epoch is a function of the seed and its number alone, so that training can be
    taken up at any epoch and two trainers see the same batches.
    """

    def __init__(self, pairs: Pairs, batch_size: int, seed: int) -> None:
        self._pairs = pairs
        self._batch_size = batch_size
        self._seed = seed

    def __len__(self) -> int:
        """Return the batches of an epoch."""
        return -(-len(self._pairs) // self._batch_size)

    def epoch(
        self, number: int, negatives: Positions | None = None, count: int = 0
    ) -> Iterator[Batch]:
        """Yield the batches of an epoch, with `count` hard negatives a query.

        They are drawn from what the query's row of `negatives` holds, in which -1 is none;
        only a query whose whole row is -1 brings none. The pairs are the same with and without.
        """
        random = np.random.default_rng([self._seed, number])
        draw = np.random.default_rng([self._seed, number, 1])
        order = random.permutation(len(self._pairs))
        starts = self._pairs.starts
        choice = random.random(len(order)) * (starts[order + 1] - starts[order])
        documents = self._pairs.documents[starts[order] + choice.astype(np.int64)]
        for start in range(0, len(order), self._batch_size):
            queries = order[start : start + self._batch_size]
            of_batch = documents[start : start + self._batch_size]
            if negatives is not None:
                rows = -np.sort(-negatives[queries], axis=1)  # what is there first, then -1
                there = (rows >= 0).sum(axis=1, keepdims=True)
                chosen = (draw.random((len(queries), count)) * there).astype(np.int64)
                drawn = np.take_along_axis(rows, chosen, axis=1)
                of_batch = np.concatenate([of_batch, drawn[drawn >= 0]])
            yield Batch(queries, of_batch, relevance(self._pairs, queries, of_batch))


def relevance(pairs: Pairs, queries: Positions, documents: Positions) -> NDArray[np.bool_]:
    """Return the matrix (queries, documents) of which document is relevant to which query."""
    counts = pairs.starts[queries + 1] - pairs.starts[queries]
    rows = np.repeat(np.arange(len(queries)), counts)
    wanted = pairs.documents[ranges(pairs.starts[queries], counts)]
    order = np.argsort(documents, kind="stable")
    first = np.searchsorted(documents, wanted, side="left", sorter=order)
    found = np.searchsorted(documents, wanted, side="right", sorter=order) - first
    relevant = np.zeros((len(queries), len(documents)), dtype=np.bool_)
    relevant[np.repeat(rows, found), order[ranges(first, found)]] = True
    return relevant


def ranges(starts: Positions, counts: Positions) -> Positions:
    """Return counts[0] numbers from starts[0] on, then counts[1] from starts[1] on, and so on."""
    before = np.cumsum(counts) - counts
    numbers: Positions = np.arange(int(counts.sum())) + np.repeat(starts - before, counts)
    return numbers
