"""The documents of lists: which and how many distinct ones are in some lists, and their means."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from methods.base import Array, Positions

if TYPE_CHECKING:
    from scipy import sparse

CHUNK = 1 << 26
"""The largest number of (query, document) pairs that are counted at once."""


def membership(documents: Positions, sizes: NDArray[np.int64], count: int) -> "sparse.csr_array":
    """Return the sparse 0/1 matrix (lists, count) of the documents in each list.

    `documents` are positions below `count`, one list after the other, with the lists' `sizes`.
    """
    from scipy import sparse

    starts = np.concatenate([[0], np.cumsum(sizes)])
    ones = np.ones(len(documents), dtype=np.float32)
    return sparse.csr_array((ones, documents, starts), shape=(len(sizes), count))


def distinct_documents(members: "sparse.csr_array", lists: Positions) -> NDArray[np.int64]:
    """Return how many documents are in any of the lists (n, probes) of each query; -1 is none."""
    counts = np.empty(len(lists), dtype=np.int64)
    number, documents = members.shape
    rows = max(1, CHUNK // max(1, documents))
    for start in range(0, len(lists), rows):
        chunk = _one_hot(lists[start : start + rows], number)
        counts[start : start + rows] = np.diff((chunk @ members).indptr)
    return counts


def list_means(vectors: Array, lists: Positions, count: int) -> Array:
    """Return the mean (count, dimensions) of the vectors (n, dimensions) in each list, or 0.

    `lists` (n,) are the lists of the vectors.
    """
    means = np.zeros((count, vectors.shape[1]), dtype=np.float32)
    np.add.at(means, lists, vectors)
    means /= np.maximum(np.bincount(lists, minlength=count), 1)[:, None]
    return means


def _one_hot(lists: Positions, count: int) -> "sparse.csr_array":
    """Return the sparse matrix (n, count) with a one for each of the `lists` (n, probes)."""
    from scipy import sparse

    reached = lists >= 0
    starts = np.concatenate([[0], np.cumsum(reached.sum(axis=1))])
    columns = lists[reached]
    ones = np.ones(len(columns), dtype=np.float32)
    return sparse.csr_array((ones, columns, starts), shape=(len(lists), count))
