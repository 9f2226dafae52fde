"""The timed region: a search through an adapter takes as long as the library's own call."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from methods.base import Array, Index, Resources
from methods.ehi.settings import TreeSettings
from methods.ehi.tree_index import TreeIndex
from methods.forms.codes import PqForm, PqSettings, Sq8Form, Sq8Settings
from methods.forms.form import WHOLE, Form
from methods.forms.short import ShortForm, ShortSettings
from methods.indexes.bm25 import Bm25Index, Bm25Settings
from methods.indexes.exact import ExactIndex
from methods.indexes.faiss_hnsw import FaissHnswIndex, FaissHnswSettings
from methods.indexes.hnsw import HnswIndex, HnswSettings
from methods.indexes.ivf import IvfIndex, IvfSettings
from methods.indexes.scann import ScannIndex, ScannSettings
from methods.indexes.started_graph import StartedGraphSettings
from methods.registry import method
from methods.settings import NoSettings
from tests.methods.pairs import tree

K, EFFORT = 10, 16
SAMPLES, TRIES = 2_000, 20
Call = Callable[[Any], object]
PQ = PqForm(PqSettings(rescore=30))
SQ8 = Sq8Form(Sq8Settings(rescore=EFFORT))


@pytest.fixture(scope="module")
def documents() -> Array:
    """Unit vectors (4000, 64) in 100 clusters."""
    random = np.random.default_rng(0)
    points = np.repeat(random.normal(size=(100, 64)), 40, axis=0)
    points += 0.7 * random.normal(size=points.shape)
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Search on one thread, as timed searches do."""
    import faiss

    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    yield
    faiss.omp_set_num_threads(threads)


def short(rescore: int) -> ShortForm:
    return ShortForm(ShortSettings(rank=32, rescore=rescore))


def ours(index: Index[Any], documents: Any, **parts: Any) -> Call:
    """Build an index and return its search."""
    index.build(documents, 0, parts.get("router"))
    index.use_threads(1)
    return lambda query: index.search(query, K, EFFORT)


def exact(documents: Array, resources: Resources) -> tuple[Call, Call]:
    import faiss

    def library(query: Array) -> object:
        return faiss.knn(query, documents, K, metric=faiss.METRIC_INNER_PRODUCT)

    return ours(ExactIndex(NoSettings(), resources), documents), library


def ivf(documents: Array, resources: Resources, form: Form = WHOLE) -> tuple[Call, Call]:
    index = IvfIndex(IvfSettings(lists=64), resources, form)
    adapter = ours(index, documents)
    composed = index.to_faiss(K, EFFORT)  # setting nprobe takes a microsecond, so once
    return adapter, lambda query: composed.search(query, K)


def ivf_short(documents: Array, resources: Resources) -> tuple[Call, Call]:
    return ivf(documents, resources, short(30))


def ivf_pq(documents: Array, resources: Resources) -> tuple[Call, Call]:
    return ivf(documents, resources, PQ)


def linear_tree(documents: Array, resources: Resources) -> tuple[Call, Call]:
    index = TreeIndex(TreeSettings(), resources)
    adapter = ours(index, documents, router=tree(documents, rank=16, leaves=64))
    composed = index.to_faiss(K, EFFORT)
    return adapter, lambda query: composed.search(query, K)


def faiss_hnsw(documents: Array, resources: Resources, form: Form = WHOLE) -> tuple[Call, Call]:
    index = FaissHnswIndex(FaissHnswSettings(), resources, form)
    adapter = ours(index, documents)
    adapter(documents[:1])  # sets efSearch
    composed = index._layers._index
    return adapter, lambda query: composed.search(query, K)


def faiss_hnsw_sq8(documents: Array, resources: Resources) -> tuple[Call, Call]:
    return faiss_hnsw(documents, resources, SQ8)


def ivf_then_graph(documents: Array, resources: Resources) -> tuple[Call, Call]:
    import faiss

    graph_settings = StartedGraphSettings(dimensions_per_block=4)
    settings = {"graph": graph_settings, "ivf": IvfSettings(lists=64)}
    index: Any = method("ivf+hnsw").new_index(settings, resources)
    adapter = ours(index, documents)
    adapter(documents[:1])  # sets nprobe, efSearch and the number of documents scored again
    lists = index.lists.postings._layers._index
    search, count, pointer = index._graph.search_level_0, graph_settings.starts, faiss.swig_ptr

    def library(query: Array) -> object:
        scores, ids = lists.search(query, count)
        starts = ids.astype(np.int32)
        found, near = np.empty((1, K), dtype=np.int64), np.empty((1, K), dtype=np.float32)
        out = (pointer(near), pointer(found))
        search(1, pointer(query), K, pointer(starts), pointer(scores), *out, count, 2)
        return found

    return adapter, library


def hnsw(documents: Array, resources: Resources) -> tuple[Call, Call]:
    index = HnswIndex(HnswSettings(), resources)
    return ours(index, documents), lambda query: index._index.knn_query(query, K, 1)


def hnsw_short(documents: Array, resources: Resources) -> tuple[Call, Call]:
    index = HnswIndex(HnswSettings(), resources, short(0))
    adapter = ours(index, documents)
    projection = index._projection
    return adapter, lambda query: index._index.knn_query(query @ projection, K, 1)


def hnsw_short_rescored(documents: Array, resources: Resources) -> tuple[Call, Call]:
    index = HnswIndex(HnswSettings(), resources, short(EFFORT))
    adapter = ours(index, documents)
    projection = index._projection

    def library(query: Array) -> object:
        ids = index._index.knn_query(query @ projection, EFFORT, 1)[0][0]
        scores = documents[ids] @ query[0]
        order = np.argsort(-scores)[:K]
        return ids[order], scores[order]

    return adapter, library


def scann(documents: Array, resources: Resources) -> tuple[Call, Call]:
    index = ScannIndex(ScannSettings(leaves=64, reorder=30), resources)
    adapter = ours(index, documents)
    return adapter, lambda query: index._searcher.search(query[0], K, 30, EFFORT)


def bm25(documents: Array, resources: Resources) -> tuple[Call, Call]:
    random = np.random.default_rng(0)
    texts = [" ".join(f"w{i}" for i in random.zipf(1.3, size=30) % 5000) for _ in documents]
    index = Bm25Index(Bm25Settings(), resources)
    adapter = ours(index, texts)

    def as_text(query: Array) -> list[str]:
        return [" ".join(texts[int(abs(query[0, 0]) * 1000)].split()[:6])]

    def library(query: Sequence[str]) -> object:
        words = index._words(query)
        return index._bm25.retrieve(words, k=K, show_progress=False)

    return lambda query: adapter(as_text(query)), lambda query: library(as_text(query))


def medians(calls: list[Call], queries: Array) -> list[float]:
    """Return the median microseconds of each call, which take turns.

    The second to search for a query finds it in the caches, so that they also take turns in that.
    """
    times = np.empty((len(calls), SAMPLES))
    for sample in range(SAMPLES):
        query = queries[sample // 2 % len(queries)][None]
        for row in np.roll(range(len(calls)), sample).tolist():
            call = calls[row]
            started = time.perf_counter_ns()
            call(query)
            times[row, sample] = time.perf_counter_ns() - started
    return [float(median) for median in np.median(times, axis=1) / 1e3]


NEEDS = {"hnsw": "hnswlib", "scann": "scann", "bm25": "bm25s"}
CASES = [exact, ivf, ivf_short, ivf_pq, linear_tree, faiss_hnsw, faiss_hnsw_sq8, ivf_then_graph]
CASES += [hnsw, hnsw_short, hnsw_short_rescored, scann, bm25]


@pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)
def test_a_search_takes_as_long_as_the_library_itself(
    make: Callable[[Array, Resources], tuple[Call, Call]],
    documents: Array,
    resources: Resources,
    record_property: Callable[[str, object], None],
):
    pytest.importorskip(NEEDS.get(make.__name__.split("_")[0], "faiss"))
    adapter, library = make(documents, resources)
    queries = np.ascontiguousarray(documents[::7])
    tries = []
    for _ in range(TRIES):
        mine, theirs = medians([adapter, library], queries)
        tries.append((mine, theirs))
        # A bench on a quiet machine holds 3 us or 5 %; a busy one needs room and other tries.
        if mine <= 1.25 * theirs + 3:
            break
    mine, theirs = min(tries, key=lambda pair: pair[0] / pair[1])
    record_property("microseconds", (mine, theirs))
    print(f"{make.__name__}: {mine:.1f} us, the library alone {theirs:.1f} us")
    assert mine <= 1.25 * theirs + 3
