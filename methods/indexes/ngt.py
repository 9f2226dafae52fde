"""NGT's graph on the dual encoder; the larger epsilon is, the farther a search explores.

Iwasaki and Miyazaki: Optimization of Indexing Based on k-Nearest Neighbor Graph for Proximity
Search in High-Dimensional Data, 2018. NGT's quantised graph is built by a program that its Python
package does not contain, so this is its graph of whole vectors.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from methods.automatic import setting
from methods.base import Array, Cost, Hits, Index, Resources, Router
from methods.settings import check_range

STEPS = 80
"""The number of efforts. Each is a step of epsilon of .01, the first at -.1, where a search barely
leaves the best path."""
LOWEST_EPSILON, STEP = -0.1, 0.01
FOLDER = "graph"


@dataclass(frozen=True)
class NgtSettings:
    """The edges that a document gets when it is inserted; later ones add more to it."""

    edges: int = setting(10, menu=(10, 20, 30))

    def __post_init__(self) -> None:
        """Reject a graph without edges."""
        check_range("ngt.edges", self.edges, 1)


class NgtIndex(Index[Array]):
    """NGT's graph (ANNG) with inner product; effort is a step of epsilon.

    Documents are inserted on several threads, in a different order each time.
    """

    def __init__(self, settings: NgtSettings, resources: Resources) -> None:
        self._settings = settings
        self._threads = 1
        self._epsilon: float | None = None

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Insert the document vectors (documents, dimensions); NGT keeps a copy."""
        import ngtpy

        self._temporary = TemporaryDirectory()
        folder = Path(self._temporary.name) / FOLDER
        ngtpy.create(
            str(folder),
            documents.shape[1],
            edge_size_for_creation=self._settings.edges,
            distance_type="Inner Product",
        )
        index = ngtpy.Index(str(folder), log_disabled=True)
        index.batch_insert(documents, num_threads=self._threads)
        index.save()
        self._keep(index, folder)

    def save(self, folder: Path) -> None:
        """Write NGT's files."""
        shutil.copytree(self._folder, folder / FOLDER)

    def load(self, folder: Path, documents: Array) -> None:
        """Read NGT's files."""
        import ngtpy

        # Not read-only, because NGT would not count distances; nothing is written.
        self._keep(ngtpy.Index(str(folder / FOLDER), log_disabled=True), folder / FOLDER)

    def efforts(self, k: int) -> range:
        """Return the steps of epsilon."""
        return range(1, STEPS + 1)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents, then ids of -1 if fewer are reached."""
        epsilon = LOWEST_EPSILON + STEP * (effort - 1)
        if len(queries) == 1:
            return _hits([self._index.search(queries[0], k, epsilon)], k)
        if epsilon != self._epsilon:
            self._index.set(epsilon=epsilon)
            self._epsilon = epsilon
        results = self._results()
        self._index.batch_search(queries, results, k)
        return _hits([results.get(row) for row in range(len(queries))], k)

    def cost(self, queries: Array, k: int, effort: int) -> Cost:
        """Count with NGT's own counter: NGT computes a document's distance once per query.

        It leaves out the up to ten documents from which a search starts, and the pivots of NGT's
        tree, which finds them.
        """
        epsilon = LOWEST_EPSILON + STEP * (effort - 1)
        visited = np.empty(len(queries), dtype=np.int64)
        for row, query in enumerate(queries):
            before = self._index.get_num_of_distance_computations()
            self._index.search(query, k, epsilon)
            visited[row] = self._index.get_num_of_distance_computations() - before
        return Cost(visited, visited * queries.shape[1], np.zeros_like(visited))

    def use_threads(self, count: int) -> None:
        """Build on `count` threads of NGT."""
        self._threads = count

    def _keep(self, index: Any, folder: Path) -> None:
        import ngtpy

        self._index, self._folder = index, folder
        self._results = ngtpy.BatchResults


def _hits(found: Sequence[Sequence[tuple[int, float]]], k: int) -> Hits:
    """Return the hits (n, k) for NGT's (document, distance) pairs of each query, or fewer.

    A score is minus NGT's distance, which is larger the smaller the inner product is.
    """
    ids = np.full((len(found), k), -1, dtype=np.int64)
    scores = np.full((len(found), k), -np.inf, dtype=np.float32)
    for row, pairs in enumerate(found):
        if pairs:
            ids[row, : len(pairs)], distances = zip(*pairs, strict=True)
            scores[row, : len(pairs)] = np.negative(distances)
    return Hits(ids, scores)
