"""Rescore the best results of a search by short vectors or codes with full vectors."""

import numpy as np

from methods.base import Array, Hits


def rescored(hits: Hits, queries: Array, documents: Array, depth: int) -> Hits:
    """Return the hits (n, k) with the first `depth` of each row sorted by full inner products.

    The others stay after them in their order; if their scores are higher, all of a row are lowered
    by the same amount. `queries` are (n, m), and row i of `documents` (.., m) is document i, which
    is not copied.
    """
    import faiss

    ids = np.ascontiguousarray(hits.ids[:, :depth])
    scores = np.empty(ids.shape, dtype=np.float32)
    queries = np.ascontiguousarray(queries)
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
    order = np.argsort(-scores, axis=1)
    rows = np.arange(len(ids))[:, None]
    ids, scores = ids[rows, order], scores[rows, order]
    if hits.ids.shape[1] <= depth:
        return Hits(ids, scores)
    others = hits.scores[:, depth:]
    lowered = others + np.minimum(0, scores[:, -1:] - others[:, :1])
    return Hits(
        np.concatenate([ids, hits.ids[:, depth:]], axis=1),
        np.concatenate([scores, lowered], axis=1),
    )
