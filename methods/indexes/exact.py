"""Exact search, which scores every document: the ceiling of every table."""

from pathlib import Path

import numpy as np

from methods.base import Array, Cost, Hits, Index, Resources, Router
from methods.engines.nearest import nearest
from methods.settings import NoSettings


class ExactIndex(Index[Array]):
    """Brute-force search over the matrix of documents, without a copy of it."""

    searches_documents = True

    def __init__(self, settings: NoSettings, resources: Resources) -> None:
        pass

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Keep the document vectors (documents, dimensions)."""
        self._keep(documents)

    def save(self, folder: Path) -> None:
        """Write nothing: the documents are the index."""

    def load(self, folder: Path, documents: Array) -> None:
        """Keep the document vectors (documents, dimensions)."""
        self._keep(documents)

    def efforts(self, k: int) -> range:
        """Return the only effort, 1."""
        return range(1, 2)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents of each query, then ids of -1 if there are fewer."""
        return nearest(queries, self._documents, k)

    def cost(self, queries: Array, k: int, effort: int) -> Cost:
        """Count the whole corpus for every query."""
        documents, dimensions = self._documents.shape
        visited = np.full(len(queries), documents, dtype=np.int64)
        return Cost(visited, visited * dimensions, np.zeros_like(visited))

    def _keep(self, documents: Array) -> None:
        self._documents = documents
