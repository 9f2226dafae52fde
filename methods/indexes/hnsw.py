"""HNSW from hnswlib on the dual encoder, searched with a list of ef candidates."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from methods.automatic import check_rule_range, multiples, neighbours_for, setting
from methods.base import Array, Cost, Hits, Index, Positions, Resources, Router
from methods.errors import InputError
from methods.forms.form import WHOLE, Form
from methods.forms.layers import Layers, transformed
from methods.forms.rescoring import rescored
from methods.forms.short import linear_projection
from methods.indexes.graph_search import LayeredGraph, check_next, graph_efforts, search_cost
from methods.indexes.hnsw_file import read_graph
from methods.indexes.hnswlib_search import nearest_reached
from methods.indexes.tombstones import Tombstones
from methods.settings import check_range

FILE, TRANSFORM = "graph.hnswlib", "transform.faiss"
ONE = np.float32(1)  # hnswlib's distance is 1 - inner product


@dataclass(frozen=True)
class HnswSettings:
    """M, the links of a document on each level (twice as many on level 0), and efConstruction."""

    neighbours: int = setting(16, auto=neighbours_for, menu=multiples(neighbours_for, (1, 0.5, 2)))
    ef_construction: int = setting(200, menu=(200, 100, 400))

    def __post_init__(self) -> None:
        """Reject values that build no graph, or that hnswlib would replace."""
        # M = 1 gives no levels, since they thin out by 1 / log(M); hnswlib caps M at 10000.
        check_rule_range("hnsw.neighbours", self.neighbours, 2, 10_000)
        check_range("hnsw.ef_construction", self.ef_construction, 1)


class HnswIndex(Index[Array]):
    """hnswlib with inner product; effort is ef, the number of candidates that a search keeps.

    The documents are inserted on several threads, as users do, in a different order each time, so
    the same seed gives the same levels but slightly different links. On one thread, builds are
    repeatable.
    """

    def __init__(self, settings: HnswSettings, resources: Resources, form: Form = WHOLE) -> None:
        self._settings = settings
        self._form = form
        self.searches_documents = form.rescore > 0
        self._threads = -1  # means all threads to hnswlib
        self._file: Path | None = None

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Insert the document vectors (documents, dimensions); hnswlib keeps a copy.

        Raise InputError if the form has codes, which hnswlib does not read.
        """
        import faiss

        if self._form.is_codes:
            raise InputError(f"hnswlib cannot scan codes; use faiss-hnsw+{self._form.name}")
        chain = self._form.transform(documents, router)
        scanned = transformed(chain, documents)
        self._transform = Layers(faiss.IndexFlatIP(scanned.shape[1]), chain)  # of no documents
        self._index = _new_index(scanned.shape[1])
        self._index.init_index(
            len(documents),
            M=self._settings.neighbours,
            ef_construction=self._settings.ef_construction,
            random_seed=seed + 1,  # its generator treats 0 as 1
        )
        self._index.add_items(scanned, num_threads=self._threads)
        self._removed = Tombstones()
        self._keep(documents)

    def save(self, folder: Path) -> None:
        """Write the graph and what it scans in hnswlib's format. Raise OSError if that failed."""
        path = folder / FILE
        self._index.save_index(str(path))
        if not path.exists() or path.stat().st_size != self._index.index_file_size():
            # hnswlib itself reports no error, for instance on a full disk.
            raise OSError(f"hnswlib did not write all of {path}; check that the disk has space")
        self._transform.write(folder / TRANSFORM)
        self._removed.write(folder)

    def load(self, folder: Path, documents: Array) -> None:
        """Read the graph and what it scans; with rescoring, searches read `documents` as well."""
        self._file = folder / FILE
        self._transform = Layers.read(folder / TRANSFORM)
        self._index = _new_index(self._transform.core.d)
        self._index.load_index(str(self._file))
        self._removed = Tombstones.read(folder)
        self._keep(documents)

    def add(self, ids: Positions, documents: Array) -> None:
        """Insert documents (n, dimensions) after the others, on several threads.

        With rescoring, all documents are copied into memory.
        """
        count = self._index.get_current_count()
        check_next(ids, count, documents, self._transform.dimensions)
        self._index.resize_index(count + len(ids))
        scanned = self._transform.transformed(documents)
        self._index.add_items(scanned, ids, num_threads=self._threads)
        if self._form.rescore:
            self._keep(np.concatenate([self._documents, documents]))
        self._forget_graph()

    def remove(self, ids: Positions) -> None:
        """Leave documents (n,) in the graph as tombstones. See methods/indexes/tombstones.py."""
        for document in self._removed.mark(ids, self._index.get_current_count()).tolist():
            self._index.mark_deleted(document)
        self._forget_graph()

    def efforts(self, k: int) -> range:
        """Return ef from what is returned or rescored to the number of documents."""
        return graph_efforts(self._form.depth(k), self._index.get_current_count())

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents, then ids of -1 if fewer are reached."""
        self._index.set_ef(effort)
        if self._form is WHOLE:
            return self._scan(queries, k)
        hits = self._scan(self._scanned(queries), self._form.depth(k))
        return rescored(hits.ids, queries, self._documents, k) if self._form.rescore else hits

    def cost(self, queries: Array, k: int, effort: int) -> Cost:
        """Count by replaying the searches on the graph. See `search_cost`."""
        scanned = self._scanned(queries)
        kept = max(effort, self._form.depth(k))
        cost = search_cost(self._graph, scanned, kept, scanned.shape[1])
        return replace(
            cost,
            scan_macs=cost.scan_macs + self._form.rescoring_macs(cost.visited, k, queries.shape[1]),
            route_macs=cost.route_macs + self._transform.transform_macs,
        )

    def use_threads(self, count: int) -> None:
        """Build and search on `count` threads of hnswlib."""
        self._threads = count

    def _forget_graph(self) -> None:
        self._file = None
        self.__dict__.pop("_graph", None)

    def _keep(self, documents: Array) -> None:
        self._documents = np.ascontiguousarray(documents)  # a mapped matrix stays mapped
        self._projection = linear_projection(self._transform.chain)

    def _scanned(self, queries: Array) -> Array:
        """Return queries (n, dimensions) as they are scanned."""
        if self._projection is None:
            return self._transform.transformed(queries)
        return queries @ self._projection  # in a third of the time that Faiss takes for one

    def _scan(self, scanned: Array, k: int) -> Hits:
        """Return the best `k` documents for queries (n, dimensions) after the transform."""
        ids, distances = nearest_reached(self._index, scanned, k, self._threads)
        return Hits(ids, np.subtract(ONE, distances, distances))

    @cached_property
    def _graph(self) -> LayeredGraph:
        """The graph, read from hnswlib's file, the only place where hnswlib exposes it."""
        if self._file:
            return read_graph(self._file)
        with TemporaryDirectory() as folder:  # the memory map outlives the file name
            self.save(Path(folder))
            return read_graph(Path(folder) / FILE)


def _new_index(dimensions: int) -> Any:
    import hnswlib

    return hnswlib.Index(space="ip", dim=dimensions)
