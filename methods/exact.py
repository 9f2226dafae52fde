"""Exact search: every document is scored. The ceiling of every table."""

import numpy as np

from methods.base import Array, Cost, Hits, Index, Resources, Trained
from methods.settings import NoSettings


class ExactIndex(Index):
    """Faiss IndexFlatIP over all documents."""

    def __init__(self, settings: NoSettings, resources: Resources) -> None:
        pass

    def build(self, vectors: Array, trained: Trained) -> None:
        """Index the document vectors (documents, dimensions)."""
        import faiss

        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(vectors)

    def efforts(self) -> range:
        """Return the one effort there is."""
        return range(1, 2)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents of each query."""
        scores, ids = self._index.search(queries, k)
        return Hits(ids, scores)

    def cost(self, queries: Array, effort: int) -> Cost:
        """Return the whole corpus for every query."""
        visited = np.full(len(queries), self._index.ntotal, dtype=np.int64)
        return Cost(visited, visited * self._index.d, np.zeros_like(visited))
