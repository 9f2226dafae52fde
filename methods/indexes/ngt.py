"""NGT's graph on the dual encoder; the larger epsilon is, the farther a search explores.

Iwasaki and Miyazaki: Optimization of Indexing Based on k-Nearest Neighbor Graph for Proximity
Search in High-Dimensional Data, 2018. NGT's quantised graph is built by a program that its Python
package does not contain, so this is its graph of whole vectors.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from methods.automatic import setting
from methods.base import Array, Cost, Hits, Index, Positions, Resources, Router
from methods.errors import InputError
from methods.forms.list_entries import as_ids
from methods.indexes.graph_search import check_next
from methods.settings import check_range

STEPS = 80
"""The number of efforts. Each is a step of epsilon of .01, the first at -.1, where a search barely
leaves the best path."""
LOWEST_EPSILON, STEP = -0.1, 0.01
FOLDER = "graph"
PROPERTIES, LONGEST = "prf", "MaxMagnitude"
"""NGT's file with the squared length of the longest document, and the name that it has there."""
SAME_LENGTH = 1e-5
"""Squared lengths that differ by less, relatively, are the same: they differ by rounding."""


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
        if self._is_changed:
            if self._folder.is_symlink():
                self._folder.unlink()
                self._folder.mkdir()
            self._index.save()
        shutil.copytree(self._folder, folder / FOLDER)

    def load(self, folder: Path, documents: Array) -> None:
        """Read NGT's files."""
        import ngtpy

        # NGT saves where it has loaded from, so changes go to another folder behind the same name.
        self._temporary = TemporaryDirectory()
        link = Path(self._temporary.name) / FOLDER
        link.symlink_to((folder / FOLDER).resolve())
        # Not read-only, because NGT would not count distances; nothing is written.
        self._keep(ngtpy.Index(str(link), log_disabled=True), link)

    def add(self, ids: Positions, documents: Array) -> None:
        """Insert documents (n, dimensions) after the others, on several threads.

        Raise InputError if one is longer than the longest document that the index was built from,
        which its distances depend on.
        """
        end = self._index.get_size_of_object_repository() - 1  # removed documents keep their place
        properties = self._properties()
        check_next(ids, end, documents, int(properties["Dimension"]))
        longest = float(properties[LONGEST])
        length = float((documents**2).sum(axis=1).max(initial=0))
        if length > longest * (1 + SAME_LENGTH):
            raise InputError(
                f"a new document has length {length**0.5:.4g}, but NGT's distances are those for "
                f"documents of at most {longest**0.5:.4g}; build ngt again with the new documents"
            )
        self._index.batch_insert(documents, num_threads=self._threads)
        self._is_changed = True

    def remove(self, ids: Positions) -> None:
        """Remove documents and link their neighbours with each other."""
        ids = as_ids(ids)
        for document in ids.tolist():
            if not self._contains(document):
                raise InputError(f"document {document} is not in the index")
        for document in ids.tolist():
            self._index.remove(document)
        self._is_changed = True

    def efforts(self, k: int) -> range:
        """Return the steps of epsilon."""
        return range(1, STEPS + 1)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents, then ids of -1 if fewer are reached.

        A score is minus NGT's distance, which is larger the smaller the inner product is.
        """
        epsilon = LOWEST_EPSILON + STEP * (effort - 1)
        if epsilon != self._epsilon:
            self._index.set(epsilon=epsilon)
            self._epsilon = epsilon
        results = self._results
        self._index.batch_search(queries, results, k)  # its arrays take less time than NGT's pairs
        ids, scores = results.get_indexed_ids(), -results.get_indexed_distances()
        if len(ids) == len(queries) * k:
            return Hits(ids.reshape(-1, k).astype(np.int64), scores.reshape(-1, k))
        return _filled(ids, scores, np.diff(results.get_index()), k)

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
        self._is_changed = False
        self._results = ngtpy.BatchResults()  # a new one for each search takes 2 us

    def _properties(self) -> dict[str, str]:
        """Return what NGT has written of the index, by name."""
        lines = (self._folder / PROPERTIES).read_text(encoding="utf-8").splitlines()
        return dict(line.split("\t", 1) for line in lines if "\t" in line)

    def _contains(self, document: int) -> bool:
        try:
            self._index.get_object(document)
        except RuntimeError:
            return False
        return True


def _filled(ids: Positions, scores: Array, counts: Positions, k: int) -> Hits:
    """Return hits (n, k) of which `counts` (n) are given, one row after the other."""
    given = np.arange(k) < counts[:, None]
    hits = Hits(
        np.full(given.shape, -1, dtype=np.int64), np.full(given.shape, -np.inf, dtype=np.float32)
    )
    hits.ids[given], hits.scores[given] = ids, scores
    return hits
