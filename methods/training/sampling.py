"""Batches of training pairs: the same queries, documents and order for every trainer of a run."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from methods.base import Pairs, Positions


@dataclass(frozen=True)
class Batch:
    """Queries, one relevant document for each, and hard negatives.

    `queries` (n,) are positions in the pairs. `documents` (n + h,) are positions in the corpus:
    first the relevant document sampled for each query, then the hard negatives. `relevant`
    (n, n + h) holds True at [i, j] if document j is relevant to query i, so on the diagonal.
    """

    queries: Positions
    documents: Positions
    relevant: NDArray[np.bool_]


class Batches:
    """Samples each query once per epoch, with one of its relevant documents at random.

    An epoch depends only on the seed and its number, so that training can be resumed at any
    epoch and all trainers see the same batches.
    """

    def __init__(self, pairs: Pairs, batch_size: int, seed: int) -> None:
        self._pairs = pairs
        self._batch_size = batch_size
        self._seed = seed

    def __len__(self) -> int:
        """Return the number of batches per epoch."""
        return -(-len(self._pairs) // self._batch_size)

    def epoch(
        self, number: int, negatives: Positions | None = None, count: int = 0
    ) -> Iterator[Batch]:
        """Yield the batches of an epoch, with `count` hard negatives per query.

        They are sampled from the query's row of `negatives`, in which -1 marks no document. A
        query with only -1 in its row has none. The pairs do not depend on the negatives.
        """
        random = np.random.default_rng([self._seed, number])
        negatives_random = np.random.default_rng([self._seed, number, 1])
        order = random.permutation(len(self._pairs))
        starts = self._pairs.starts
        choice = random.random(len(order)) * (starts[order + 1] - starts[order])
        documents = self._pairs.documents[starts[order] + choice.astype(np.int64)]
        for start in range(0, len(order), self._batch_size):
            queries = order[start : start + self._batch_size]
            sampled = documents[start : start + self._batch_size]
            if negatives is not None:
                candidates = -np.sort(-negatives[queries], axis=1)  # -1 comes last
                available = (candidates >= 0).sum(axis=1, keepdims=True)
                uniform = negatives_random.random((len(queries), count))
                columns = (uniform * available).astype(np.int64)
                hard = np.take_along_axis(candidates, columns, axis=1)
                sampled = np.concatenate([sampled, hard[hard >= 0]])
            yield Batch(queries, sampled, relevance(self._pairs, queries, sampled))


def relevance(pairs: Pairs, queries: Positions, documents: Positions) -> NDArray[np.bool_]:
    """Return the matrix (queries, documents) that is True if a document is relevant to a query."""
    counts = pairs.starts[queries + 1] - pairs.starts[queries]
    rows = np.repeat(np.arange(len(queries)), counts)
    targets = pairs.documents[ranges(pairs.starts[queries], counts)]
    order = np.argsort(documents, kind="stable")
    first = np.searchsorted(documents, targets, side="left", sorter=order)
    occurrences = np.searchsorted(documents, targets, side="right", sorter=order) - first
    relevant = np.zeros((len(queries), len(documents)), dtype=np.bool_)
    relevant[np.repeat(rows, occurrences), order[ranges(first, occurrences)]] = True
    return relevant


def ranges(starts: Positions, counts: Positions) -> Positions:
    """Return counts[0] numbers from starts[0] on, then counts[1] from starts[1] on, and so on."""
    before = np.cumsum(counts) - counts
    numbers: Positions = np.arange(int(counts.sum())) + np.repeat(starts - before, counts)
    return numbers
