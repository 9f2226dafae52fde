"""HNSW from hnswlib on the dual encoder, searched with a list of ef candidates."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from methods.base import Array, Cost, Hits, Index, Positions, Resources, Router
from methods.indexes.graph_search import LayeredGraph, search_cost
from methods.indexes.hnsw_file import read_graph
from methods.settings import check_range

FILE = "graph.hnswlib"


@dataclass(frozen=True)
class HnswSettings:
    """M, the links of a document on each level (twice as many on level 0), and efConstruction."""

    neighbours: int = 16
    ef_construction: int = 200

    def __post_init__(self) -> None:
        """Reject values that build no graph, or that hnswlib would replace."""
        # M = 1 gives no levels, since they thin out by 1 / log(M); hnswlib caps M at 10000.
        check_range("hnsw.neighbours", self.neighbours, 2, 10_000)
        check_range("hnsw.ef_construction", self.ef_construction, 1)


class HnswIndex(Index[Array]):
    """hnswlib with inner product; effort is ef.

    The documents are inserted on several threads, as users do, in a different order each time, so
    the same seed gives the same levels but slightly different links. On one thread, builds are
    repeatable.
    """

    def __init__(self, settings: HnswSettings, resources: Resources) -> None:
        self._settings = settings
        self._threads = -1  # means all threads to hnswlib
        self._file: Path | None = None

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Insert the document vectors (documents, dimensions); hnswlib keeps a copy."""
        self._index = _new_index(documents)
        self._index.init_index(
            len(documents),
            M=self._settings.neighbours,
            ef_construction=self._settings.ef_construction,
            random_seed=seed + 1,  # its generator treats 0 as 1
        )
        self._index.add_items(documents, num_threads=self._threads)

    def save(self, folder: Path) -> None:
        """Write the graph and the vectors in hnswlib's format. Raise OSError if that failed."""
        path = folder / FILE
        self._index.save_index(str(path))
        if not path.exists() or path.stat().st_size != self._index.index_file_size():
            # hnswlib itself reports no error, for instance on a full disk.
            raise OSError(f"hnswlib did not write all of {path}; check that the disk has space")

    def load(self, folder: Path, documents: Array) -> None:
        """Read the graph and the vectors."""
        self._file = folder / FILE
        self._index = _new_index(documents)
        self._index.load_index(str(self._file))

    def efforts(self) -> range:
        """Return ef from 1 to the number of documents."""
        return range(1, self._index.get_current_count() + 1)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` of the `effort` candidates, then ids of -1 if there are fewer."""
        self._index.set_ef(effort)
        wanted = min(k, effort)  # hnswlib keeps max(ef, k) candidates
        try:
            ids, scores = self._nearest(queries, wanted)
        except RuntimeError:  # raised if even one query reaches fewer documents
            hits = [padded(*self._reached(query, wanted), k) for query in queries[:, None]]
            return Hits(
                np.concatenate([row.ids for row in hits]),
                np.concatenate([row.scores for row in hits]),
            )
        return padded(ids, scores, k)

    def cost(self, queries: Array, effort: int) -> Cost:
        """Count by replaying the searches on the graph. See `search_cost`."""
        return search_cost(self._graph, queries, effort)

    def use_threads(self, count: int) -> None:
        """Build and search on `count` threads of hnswlib."""
        self._threads = count

    def _nearest(self, queries: Array, k: int) -> tuple[Positions, Array]:
        labels, distances = self._index.knn_query(queries, k, num_threads=self._threads)
        return labels.view(np.int64), 1 - distances

    def _reached(self, query: Array, wanted: int) -> tuple[Positions, Array]:
        """Return the best documents of one query (1, dimensions): `wanted`, or as many as possible.

        Some documents cannot be reached because links are one-way, which happens with short
        vectors under the inner product.
        """
        reached, failing = 1, wanted + 1  # the entry point is always reached
        while failing - reached > 1:
            middle = (reached + failing) // 2
            try:
                self._nearest(query, middle)
                reached = middle
            except RuntimeError:
                failing = middle
        return self._nearest(query, reached)

    @cached_property
    def _graph(self) -> LayeredGraph:
        """The graph, read from hnswlib's file, the only place where hnswlib exposes it."""
        if self._file:
            return read_graph(self._file)
        with TemporaryDirectory() as folder:  # the memory map outlives the file name
            self.save(Path(folder))
            return read_graph(Path(folder) / FILE)


def padded(ids: Positions, scores: Array, k: int) -> Hits:
    """Return hits with `k` columns, padded like those of Faiss with id -1 and the lowest score."""
    missing = ((0, 0), (0, k - ids.shape[1]))
    if not missing[1][1]:
        return Hits(ids, scores)
    lowest = np.finfo(np.float32).min
    return Hits(
        np.pad(ids, missing, constant_values=-1), np.pad(scores, missing, constant_values=lowest)
    )


def _new_index(documents: Array) -> Any:
    import hnswlib

    return hnswlib.Index(space="ip", dim=documents.shape[1])
