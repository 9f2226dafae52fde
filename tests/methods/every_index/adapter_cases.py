"""Searches through the adapters of all methods, each next to the library's own call.

Two kinds of search have no such call. A tree that Faiss cannot route is searched by its own beam
and then by Faiss; of the methods, `RABITQ_TREE` always is one. With a beam by mass, the lists are
chosen between two calls of Faiss. What no library does, such as leaving out a document that was in
another list, is Python's shortest way next to the library's call.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any, NamedTuple

import numpy as np

from methods.base import Array, Index, Resources
from methods.ehi.settings import TreeSettings
from methods.forms.codes import PqSettings, RabitqSettings, Sq8Settings
from methods.forms.short import ShortSettings
from methods.indexes.bm25 import Bm25Index, Bm25Settings
from methods.indexes.exact import ExactIndex
from methods.indexes.faiss_hnsw import FaissHnswIndex, FaissHnswSettings
from methods.indexes.fused_vectors import FusedSettings, FusedVectors
from methods.indexes.hnsw import HnswIndex, HnswSettings
from methods.indexes.ivf import IvfSettings
from methods.indexes.ngt import LOWEST_EPSILON, STEP, NgtIndex, NgtSettings
from methods.indexes.scann import ScannIndex, ScannSettings
from methods.indexes.started_graph import StartedGraph, StartedGraphSettings
from methods.postings.posting_index import PostingIndex
from methods.registry import method
from tests.methods.pairs import tree

K, EFFORT = 10, 16
LISTS, RESCORED = 64, 16
RABITQ_TREE = "ehi+rabitq"
Call = Callable[[Any], object]
SETTINGS: Mapping[str, Any] = {
    "ivf": IvfSettings(LISTS),
    "tree": TreeSettings(),
    "hnsw": HnswSettings(),
    "faiss_hnsw": FaissHnswSettings(),
    "ngt": NgtSettings(),
    "scann": ScannSettings(LISTS, reorder=RESCORED),
    "bm25": Bm25Settings(),
    "graph": StartedGraphSettings(dimensions_per_block=4),
    "fused": FusedSettings(),
    "short": ShortSettings(rank=32, rescore=RESCORED),
    "sq8": Sq8Settings(rescore=RESCORED),
    "pq": PqSettings(rescore=RESCORED),
    "rabitq": RabitqSettings(rescore=RESCORED),
}


class Searches(NamedTuple):
    """The search through an adapter and the library's own, of the same index, and queries."""

    adapter: Call
    library: Call
    queries: Sequence[Any]

    def medians(self, samples: int) -> tuple[float, float]:
        """Return the median microseconds of the adapter and of the library, which take turns.

        The second to search for a query finds in the caches what it needs, so they take turns in
        that as well, and from one pass over the queries to the next.
        """
        times = np.empty((2, samples))
        for sample in range(samples):
            passes, place = divmod(sample, len(self.queries))
            query = self.queries[place]
            for row in (0, 1) if (passes + place) % 2 else (1, 0):
                call = self[row]
                started = time.perf_counter_ns()
                call(query)
                times[row, sample] = time.perf_counter_ns() - started
        mine, theirs = np.median(times, axis=1) / 1e3
        return float(mine), float(theirs)


@dataclass(frozen=True)
class Case:
    """A method, and the sections of its settings that are not those above."""

    method: str
    sections: Mapping[str, Any] = field(default_factory=dict)

    def searches(self, resources: Resources) -> Searches:
        """Build the index and return its searches, of one query each."""
        index = method(self.method).new_index({**SETTINGS, **self.sections}, resources)
        vectors = clustered()
        documents: Any = vectors if index.reads == "vectors" else texts(len(vectors))
        index.build(documents, 0, tree(vectors, rank=16, leaves=LISTS))
        index.use_threads(1)
        if index.reads == "vectors":
            queries = [documents[row : row + 1] for row in range(0, len(documents), 7)]
        else:
            queries = [[" ".join(text.split()[:6])] for text in documents[::7]]

        def adapter(query: Any) -> object:
            return index.search(query, K, EFFORT)

        adapter(queries[0])  # sets efSearch and nprobe, which the library keeps
        return Searches(adapter, own_call(index, documents), queries)


CODES = {"ivf": IvfSettings(LISTS, routing="codes"), "tree": TreeSettings(routing="codes")}
GRAPH = {"ivf": IvfSettings(LISTS, routing="graph"), "tree": TreeSettings(routing="graph")}
SPILLED = {"ivf": IvfSettings(LISTS, spilled=1), "tree": TreeSettings(spilled=1)}
WHOLE = ("exact", "bm25", "ivf", "ehi", "hnsw", "faiss-hnsw", "ngt", "scann")
FORMS = ("ivf+short", "ivf+sq8", "ivf+pq", "ivf+rabitq", "ehi+short", "ehi+sq8", "ehi+pq")
GRAPHS_OF_FORMS = ("hnsw+short", "faiss-hnsw+short", "faiss-hnsw+sq8")
STARTED = ("ivf+hnsw", "ehi+hnsw")
FUSED = tuple(f"ehi-vectors+{name}" for name in ("exact", "ivf", "hnsw", "scann"))
CASES: Mapping[str, Case] = {
    **{name: Case(name) for name in (*WHOLE, *FORMS, *GRAPHS_OF_FORMS, *STARTED, *FUSED)},
    "faiss-hnsw+pq": Case("faiss-hnsw+pq", {"pq": PqSettings(bits=8, rescore=RESCORED)}),
    "hnsw+short, not rescored": Case("hnsw+short", {"short": ShortSettings(rank=32, rescore=0)}),
    **{f"{name}, lists by codes": Case(name, CODES) for name in ("ivf", "ehi")},
    **{f"{name}, lists by a graph": Case(name, GRAPH) for name in ("ivf", "ehi")},
    **{f"{name}, in two lists": Case(name, SPILLED) for name in ("ivf", "ehi")},
}


@singledispatch
def own_call(index: Index[Any], documents: Array) -> Call:
    """Return the search of an index by its library alone, after one through the adapter."""
    raise NotImplementedError(type(index).__name__)


@own_call.register
def _(index: ExactIndex, documents: Array) -> Call:
    import faiss

    searched = index._documents
    return lambda query: faiss.knn(query, searched, K, metric=faiss.METRIC_INNER_PRODUCT)


@own_call.register
def _(index: PostingIndex, documents: Array) -> Call:
    found = K * index.copies
    composed = index.to_faiss(found, EFFORT)  # setting nprobe takes a microsecond, so once
    if index.copies == 1:
        return lambda query: composed.search(query, found)

    def library(query: Array) -> object:
        scores, ids = composed.search(query, found)
        row = ids[0].tolist()
        first = [row.index(document) for document in list(dict.fromkeys(row))[:K]]
        return ids[0][first], scores[0][first]

    return library


@own_call.register
def _(index: FaissHnswIndex, documents: Array) -> Call:
    composed = index._layers.to_faiss(K)
    return lambda query: composed.search(query, K)


@own_call.register
def _(index: StartedGraph, documents: Array) -> Call:
    import faiss

    lists, graph, count = index.to_faiss(EFFORT)
    search, pointer = graph.search_level_0, faiss.swig_ptr

    def library(query: Array) -> object:
        scores, ids = lists.search(query, count)
        starts = ids.astype(np.int32)
        found, near = np.empty((1, K), dtype=np.int64), np.empty((1, K), dtype=np.float32)
        out = (pointer(near), pointer(found))
        search(1, pointer(query), K, pointer(starts), pointer(scores), *out, count, 2)
        return found

    return library


@own_call.register
def _(index: HnswIndex, documents: Array) -> Call:
    """Search by hnswlib alone; what projects and rescores is numpy's shortest way to do so."""
    search, projection = index._index.knn_query, index._projection
    if projection is None:
        return lambda query: search(query, K, 1)
    if not index._form.rescore:
        return lambda query: search(query @ projection, K, 1)

    def library(query: Array) -> object:
        ids = search(query @ projection, RESCORED, 1)[0][0]
        scores = documents[ids] @ query[0]
        order = np.argsort(-scores)[:K]
        return ids[order], scores[order]

    return library


@own_call.register
def _(index: NgtIndex, documents: Array) -> Call:
    epsilon = LOWEST_EPSILON + STEP * (EFFORT - 1)
    return lambda query: index._index.search(query[0], K, epsilon)


@own_call.register
def _(index: ScannIndex, documents: Array) -> Call:
    return lambda query: index._searcher.search(query[0], K, RESCORED, EFFORT)


@own_call.register
def _(index: FusedVectors, documents: Array) -> Call:
    return own_call(index._index, documents)


@own_call.register
def _(index: Bm25Index, documents: Array) -> Call:
    def library(query: Any) -> object:
        return index._bm25.retrieve(index._words(query), k=K, show_progress=False)

    return library


def clustered() -> Array:
    """Return unit vectors (4000, 64) in 100 clusters."""
    random = np.random.default_rng(0)
    points = np.repeat(random.normal(size=(100, 64)), 40, axis=0)
    points += 0.7 * random.normal(size=points.shape)
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def texts(count: int) -> list[str]:
    """Return texts of thirty words, of which few are frequent."""
    random = np.random.default_rng(0)
    return [" ".join(f"w{i}" for i in random.zipf(1.3, size=30) % 5000) for _ in range(count)]
