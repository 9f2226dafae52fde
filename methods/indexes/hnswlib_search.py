"""Search an index of hnswlib, which raises an error if a query reaches too few documents."""

from typing import Any

import numpy as np

from methods.base import Array, Positions


def nearest_reached(index: Any, queries: Array, k: int, threads: int) -> tuple[Positions, Array]:
    """Return ids and distances (n, k) of the documents nearest to queries (n, dimensions).

    Some documents cannot be reached because links are one-way, which happens with short vectors
    under the inner product. A query that reaches fewer than `k` gets ids of -1 for the rest, at the
    largest float32, whose negative is the score that Faiss fills with.
    """
    try:
        labels, distances = index.knn_query(queries, k, threads)
    except RuntimeError:  # raised if even one query reaches fewer documents
        return _all_reached(index, queries, k, threads)
    return labels.view(np.int64), distances


def _all_reached(index: Any, queries: Array, k: int, threads: int) -> tuple[Positions, Array]:
    ids = np.full((len(queries), k), -1, dtype=np.int64)
    distances = np.full((len(queries), k), np.finfo(np.float32).max, dtype=np.float32)
    for row, query in enumerate(queries[:, None]):
        wanted = min(k, index.get_current_count())
        labels, found = _reached(index, query, wanted, threads)
        ids[row, : labels.shape[1]] = labels.view(np.int64)
        distances[row, : labels.shape[1]] = found
    return ids, distances


def _reached(index: Any, query: Array, wanted: int, threads: int) -> Any:
    """Return hnswlib's results for one query (1, dimensions): `wanted`, or all it reaches."""
    reached, failing = 0, wanted + 1
    while failing - reached > 1:
        middle = (reached + failing) // 2
        try:
            index.knn_query(query, middle, threads)
            reached = middle
        except RuntimeError:
            failing = middle
    return index.knn_query(query, reached, threads)
