"""A beam by mass: the lists that are nearly as good as the best, however many these are.

A fixed beam scans as many lists for a query that fits one list as for one that fits many.
By mass, a list is scanned if its score is at most a gap below the best one's. In a learned tree,
scores differ as log-probabilities do (in a linear one, as these times its temperature), so that the
gap bounds how much less probable than the best a leaf may be.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from methods.base import Array, Positions

Beam = Literal["fixed", "mass"]
BEAMS: tuple[Beam, ...] = ("fixed", "mass")

EFFORTS = 1 << 14
NARROWEST, WIDEST = 1e-4, 1e4
"""The gaps of the second effort and of the last but one; each is 0.11 % above the one before."""

FIRST_RANKED, MORE_RANKED = 32, 4
"""How many lists are ranked at first, and how many times as many whenever these were too few."""
SCORES = 1 << 24
"""The largest number of scores of lists that are held at once (64 MiB)."""


def gap_of(effort: int) -> float:
    """Return how far below the best score a list is still scanned: 0 at first, any at last."""
    if effort <= 1:
        return 0.0
    if effort >= EFFORTS:
        return math.inf
    return NARROWEST * math.pow(WIDEST / NARROWEST, (effort - 2) / (EFFORTS - 3))


@dataclass(frozen=True)
class _Pass:
    """Some rows of vectors, the lists that were ranked for them, and which are near."""

    rows: Positions
    count: int
    lists: Positions
    scores: Array
    near: NDArray[np.bool_]
    done: NDArray[np.bool_]  # no other list can be near


@dataclass(frozen=True)
class Ranking:
    """Finds the best lists of vectors (n, dimensions).

    `rank` returns `count` of all `lists` for each vector, in any order, -1 for none, with their
    scores (n, count); `macs` are its multiply-adds (n,). `first` is the count to begin with: all,
    if ranking some takes the scores of all.
    """

    rank: Callable[[Array, int], tuple[Positions, Array]]
    macs: Callable[[Array, int], NDArray[np.int64]]
    lists: int
    first: int

    @staticmethod
    def of_scores(
        score: Callable[[Array], Array], macs: Callable[[Array, int], NDArray[np.int64]], lists: int
    ) -> "Ranking":
        """Return a ranking by the scores (n, lists) of all lists."""
        every = np.arange(lists)[None]

        def rank(vectors: Array, count: int) -> tuple[Positions, Array]:
            scores = score(vectors)
            if len(vectors) == 1:  # broadcasting takes microseconds
                return every, scores
            return np.broadcast_to(every, scores.shape), scores

        return Ranking(rank, macs, lists, lists)

    def near(self, vectors: Array, effort: int) -> tuple[Positions, Array]:
        """Return the lists (n, width) in the gap of an effort, -1 for none, and their scores.

        The width is that of the vector with most lists. None is missing: as long as all lists that
        were ranked are near, more are ranked.
        """
        gap = gap_of(effort)
        if len(vectors) == 1 and self.first == self.lists:  # a row takes less time than a matrix
            lists, scores = self.rank(vectors, self.lists)
            near = (scores[0] >= scores.max() - gap).nonzero()[0]
            return lists.take(near, axis=1), scores.take(near, axis=1)
        passes = [p for p in self._passes(vectors, gap) if p.done.any()]
        width = max((int(p.near[p.done].sum(axis=1).max()) for p in passes), default=1)
        lists = np.full((len(vectors), width), -1, dtype=np.int64)
        scores = np.zeros((len(vectors), width), dtype=np.float32)
        for p in passes:
            near = p.near[p.done]
            counts = near.sum(axis=1)
            rows = np.repeat(p.rows[p.done], counts)
            columns = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
            lists[rows, columns] = p.lists[p.done][near]
            scores[rows, columns] = p.scores[p.done][near]
        return lists, scores

    def near_macs(self, vectors: Array, effort: int) -> NDArray[np.int64]:
        """Return the multiply-adds (n,) of finding the lists in the gap of an effort."""
        if self.first == self.lists:  # the first pass ranks all lists, whatever it finds
            return self.macs(vectors, self.lists)
        spent = np.zeros(len(vectors), dtype=np.int64)
        for p in self._passes(vectors, gap_of(effort)):
            spent[p.rows] += self.macs(vectors[p.rows], p.count)
        return spent

    def _passes(self, vectors: Array, gap: float) -> Iterator[_Pass]:
        """Rank lists for some vectors at a time, and more of them where all might be near."""
        at_once = max(1, SCORES // self.lists)
        for start in range(0, len(vectors), at_once):
            rows = np.arange(start, min(start + at_once, len(vectors)))
            count = self.first
            while len(rows):
                lists, scores = self.rank(vectors[rows], count)
                near = scores >= scores.max(axis=1, keepdims=True) - gap
                done = ~near.all(axis=1) | (count == self.lists)
                yield _Pass(rows, count, lists, scores, near, done)
                rows, count = rows[~done], min(MORE_RANKED * count, self.lists)
