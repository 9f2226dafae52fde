"""An hnswlib index that somebody else built."""

from pathlib import Path

import numpy as np

from methods.base import Array, Cost, Hits, Index, Resources, Router
from methods.errors import InputError
from methods.indexes.given.distance_graph import graph_cost
from methods.indexes.given.index_file import (
    LINK,
    GivenIndexSettings,
    as_indexed,
    check_fits,
    check_positions,
    link_file,
)
from methods.indexes.graph_search import graph_efforts
from methods.indexes.hnsw_file import HEADER, read_graph
from methods.indexes.hnswlib_search import nearest_reached


class GivenHnswlibIndex(Index[Array]):
    """An hnswlib index as it was built; effort is ef.

    The file does not say which distance the index was built for. It is searched by Euclidean
    distance if the dataset has Euclidean distances, and otherwise by inner product, which is the
    cosine of vectors of length one.
    """

    def __init__(self, settings: GivenIndexSettings, resources: Resources) -> None:
        self._settings = settings
        self._threads = -1

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Read the index. Raise InputError if it cannot be an index of these documents."""
        self._read(Path(self._settings.file))
        check_fits(self._settings, self._index.get_current_count(), self._index.dim, documents)
        check_positions(self._settings, np.asarray(self._graph.documents), len(documents))

    def save(self, folder: Path) -> None:
        """Link to the file."""
        link_file(self._settings, folder)

    def load(self, folder: Path, documents: Array) -> None:
        """Read the index."""
        self._read(folder / LINK)

    def efforts(self, k: int) -> range:
        """Return ef from `k` to the number of documents."""
        return graph_efforts(k, self._index.get_current_count())

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents of each query; nearer ones have higher scores.

        If fewer are reached, the rest are ids of -1.
        """
        self._index.set_ef(effort)
        vectors = as_indexed(self._settings, queries)
        ids, distances = nearest_reached(self._index, vectors, k, self._threads)
        return Hits(ids, -distances)

    def cost(self, queries: Array, k: int, effort: int) -> Cost:
        """Count by replaying the searches on the graph. See `search_cost`."""
        vectors = as_indexed(self._settings, queries)
        return graph_cost(self._graph, vectors, max(effort, k), self._settings.euclidean)

    def use_threads(self, count: int) -> None:
        """Search on `count` threads of hnswlib."""
        self._threads = count

    def _read(self, path: Path) -> None:
        import hnswlib

        file = self._settings.file
        header = np.fromfile(path, HEADER, count=1)
        if not len(header):
            raise InputError(f"{file} is too short for an index of hnswlib")
        width = int(header[0]["label_offset"]) - int(header[0]["vector_offset"])
        space = "l2" if self._settings.euclidean else "ip"
        try:
            if not 0 < width <= path.stat().st_size:
                raise ValueError("its header has no vectors")
            self._index = hnswlib.Index(space=space, dim=width // 4)
            self._index.load_index(str(path))
            self._graph = read_graph(path)
        except (RuntimeError, ValueError, KeyError, IndexError) as error:
            raise InputError(f"{file} cannot be read as an index of hnswlib: {error}") from None
