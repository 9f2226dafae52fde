"""Rescore the results of a search by short vectors or codes with whole vectors."""

import numpy as np

from methods.base import Array, Hits, Positions


def rescored(ids: Positions, queries: Array, documents: Array, k: int) -> Hits:
    """Return the best `k` of the documents `ids` (n, depth), -1 for none, by full inner products.

    `queries` are (n, m), and row i of `documents` (.., m) is document i, which is not copied.
    """
    import faiss

    scores = np.empty(ids.shape, dtype=np.float32)
    # The kernel of Faiss's IndexRefineFlat, which itself would need a copy of the documents, scores
    # ids of -1 with minus infinity.
    faiss.fvec_inner_products_by_idx(
        faiss.swig_ptr(scores),
        faiss.swig_ptr(queries),
        faiss.swig_ptr(documents),
        faiss.swig_ptr(ids),
        documents.shape[1],
        *ids.shape,
    )
    if len(ids) == 1:  # a row is sorted in less time than a matrix
        best = (-scores[0]).argsort()[:k]
        return Hits(ids.take(best, axis=1), scores.take(best, axis=1))
    order = np.argsort(-scores, axis=1)[:, :k]
    rows = np.arange(len(ids))[:, None]
    return Hits(ids[rows, order], scores[rows, order])
