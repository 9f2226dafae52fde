"""Documents in several lists: the further ones, chosen by SOAR, and results without repeats.

A query that misses a document's first list usually does so along the error r, the document minus
the list's direction. A further list helps if its own error is orthogonal to that one (Sun et al.,
SOAR: Improved Indexing for Approximate Nearest Neighbor Search, NeurIPS 2023).
"""

import numpy as np

from methods.base import Array, Hits, Positions

ORTHOGONALITY = 4.0
"""lambda of SOAR; on WordNet's dev queries 1, 10 and 30 found .001 to .004 less."""
CANDIDATES = 32
"""The best lists of a document, among which its further ones are."""
SPILLED = (0, 1, 2, 3)
"""The numbers of further lists in the menus of `ivf` and the trees."""
MOST_SPILLED = 15
"""Well below CANDIDATES, so that SOAR has a choice."""
CHUNK = 1024
"""Documents whose candidates are compared at once: 50 MB of 384 dimensions."""


def spilled(documents: Array, ranked: Positions, directions: Array, copies: int) -> Positions:
    """Return the lists (n, copies) of documents (n, m): the best, and further ones by SOAR.

    `ranked` (n, candidates) are the best lists of each document, the best first, and `directions`
    (lists, m) the unit vectors of all lists. Of a document's candidates, the next list c is that of
    the least |v - c|^2 + lambda sum_r (r . (v - c))^2 / |r|^2, with the errors r of the lists that
    it is in already. SOAR has one further list, and so one r.
    """
    lists = np.empty((len(documents), copies), dtype=np.int64)
    for start in range(0, len(documents), CHUNK):
        rows = slice(start, start + CHUNK)
        lists[rows] = _spilled(unit(documents[rows]), ranked[rows], directions, copies)
    return lists


def unit(vectors: Array) -> Array:
    """Return the directions of vectors (n, m); those of length 0 stay 0."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    directions: Array = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
    return directions


def without_repeats(ids: Positions, scores: Array, k: int) -> Hits:
    """Return the first `k` distinct documents of rows that are sorted by decreasing score."""
    if len(ids) == 1 and ids[0, -1] >= 0:
        first = _first_places(ids[0].tolist(), k)
        if len(first) == k:
            return Hits(ids.take(first, axis=1), scores.take(first, axis=1))
    order = np.argsort(ids, axis=1, kind="stable")
    by_id = np.take_along_axis(ids, order, axis=1)
    repeats = np.zeros(ids.shape, dtype=np.bool_)
    np.put_along_axis(repeats, order[:, 1:], by_id[:, 1:] == by_id[:, :-1], axis=1)
    kept = np.argsort(repeats | (ids < 0), axis=1, kind="stable")[:, :k]
    missing = np.take_along_axis(repeats | (ids < 0), kept, axis=1)
    return Hits(
        np.where(missing, -1, np.take_along_axis(ids, kept, axis=1)),
        np.where(missing, np.finfo(np.float32).min, np.take_along_axis(scores, kept, axis=1)),
    )


def _first_places(row: list[int], k: int) -> list[int]:
    """Return the places of the first `k` distinct documents, faster than numpy can for a query."""
    seen: set[int] = set()
    places: list[int] = []
    for place, document in enumerate(row):
        if document not in seen:
            seen.add(document)
            places.append(place)
            if len(places) == k:
                break
    return places


def _spilled(documents: Array, ranked: Positions, directions: Array, copies: int) -> Positions:
    """Return the lists (n, copies) of a chunk of unit vectors (n, m)."""
    each = np.arange(len(documents))
    errors = directions[ranked]
    np.subtract(documents[:, None], errors, out=errors)
    loss = np.einsum("nkm,nkm->nk", errors, errors)
    chosen = np.zeros((len(documents), copies), dtype=np.int64)
    for copy in range(1, copies):
        last = chosen[:, copy - 1]
        loss[each, last] = np.inf
        along = np.matmul(errors, unit(errors[each, last])[:, :, None])[:, :, 0]
        loss += np.float32(ORTHOGONALITY) * np.square(along)
        chosen[:, copy] = loss.argmin(axis=1)
    return np.take_along_axis(ranked, chosen, axis=1)
