"""Reject vectors that are not finite, which no index can search."""

from collections.abc import Sequence

import numpy as np

from methods.base import Array, Positions
from methods.errors import InputError


def check_finite(ids: Sequence[str], documents: Array, queries: Sequence[Array]) -> None:
    """Raise InputError if documents or queries have a value that is not finite in their vectors.

    Args:
        ids: The ids of the documents, in the order of their vectors.
        documents: The vectors (documents, dimensions).
        queries: The vectors of each set of queries.
    """
    bad = _not_finite(documents)
    bad_queries = sum(len(_not_finite(part)) for part in queries)
    counts = []
    if len(bad):
        counts.append(f"{_count(len(bad), 'document')} (the first is {ids[int(bad[0])]})")
    if bad_queries:
        counts.append(_count(bad_queries, "query"))
    if counts:
        alone = len(bad) + bad_queries == 1
        have = "has a vector that is" if alone else "have vectors that are"
        raise InputError(
            f"{' and '.join(counts)} {have} not finite; use another encoder, or leave out what it "
            "cannot encode"
        )


def _not_finite(vectors: Array) -> Positions:
    """Return the positions of vectors with a value that is not finite."""
    sums = vectors.sum(axis=1, dtype=np.float64)  # not finite if a value is not
    return np.flatnonzero(~np.isfinite(sums))


def _count(number: int, noun: str) -> str:
    plural = {"document": "documents", "query": "queries"}
    return f"{number:,} {noun if number == 1 else plural[noun]}"
