"""The best of what was found by short vectors or codes, scored again by whole vectors."""

import numpy as np

from methods.base import Array, Hits


def rescored(found: Hits, queries: Array, documents: Array, depth: int) -> Hits:
    """Return the hits (n, k) with the first `depth` of each row in the order of whole vectors.

    Those behind keep their order and stay behind: where their scores are above, they are lowered
    by the same amount in a row. `queries` are (n, m), and row i of `documents` (.., m) is document
    i, which is not copied.
    """
    import faiss

    ids = np.ascontiguousarray(found.ids[:, :depth])
    scores = np.empty(ids.shape, dtype=np.float32)
    queries = np.ascontiguousarray(queries)
    # The kernel of Faiss's IndexRefineFlat, which itself would search a copy of the documents.
    # It scores the pads of -1 by minus infinity.
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
    if found.ids.shape[1] <= depth:
        return Hits(ids, scores)
    behind = found.scores[:, depth:]
    lowered = behind + np.minimum(0, scores[:, -1:] - behind[:, :1])
    return Hits(
        np.concatenate([ids, found.ids[:, depth:]], axis=1),
        np.concatenate([scores, lowered], axis=1),
    )
