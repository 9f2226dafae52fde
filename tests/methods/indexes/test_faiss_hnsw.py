"""HNSW from Faiss: its searches, replayed, and counted by both."""

from pathlib import Path

import numpy as np
import pytest

from methods.base import Resources
from methods.errors import InputError
from methods.indexes.exact import ExactIndex
from methods.indexes.faiss_hnsw import FILE, FaissHnswIndex, FaissHnswSettings, graph_of
from methods.indexes.graph_search import replay
from methods.settings import NoSettings

faiss = pytest.importorskip("faiss")

K = 15
LOWEST = np.finfo(np.float32).min


def built(
    vectors: np.ndarray, resources: Resources, seed: int = 0, **settings: int
) -> FaissHnswIndex:
    index = FaissHnswIndex(FaissHnswSettings(**settings), resources)
    index.build(vectors, seed, None)
    return index


@pytest.fixture
def index(vectors: np.ndarray, resources: Resources) -> FaissHnswIndex:
    return built(vectors, resources)


@pytest.fixture(scope="module")
def many() -> np.ndarray:
    """3000 unit vectors of 24 dimensions in 60 clusters."""
    random = np.random.default_rng(5)
    points = np.repeat(random.normal(size=(60, 24)), 50, axis=0)
    points += 0.7 * random.normal(size=points.shape)
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("effort", [1, 5, 40, 300])
def test_the_replay_finds_and_counts_what_faiss_does(
    effort: int, many: np.ndarray, resources: Resources, tmp_path: Path
):
    index = built(many, resources)
    index.save(tmp_path)
    library = faiss.read_index(str(tmp_path / FILE))
    library.hnsw.efSearch = effort
    graph, counter = graph_of(library), faiss.cvar.hnsw_stats
    queries = many[::16] + np.float32(0.05)
    ids, computed = [], []
    for query in queries:
        counter.reset()
        ids.append(library.search(query[None], effort)[1][0])
        computed.append(counter.ndis)
    equal = [
        set(replay(graph, query, effort).documents) == set(row)
        for query, row in zip(queries, ids, strict=True)
    ]
    assert np.mean(equal) >= 0.99  # the rest has equal distances in float32
    # The counter leaves out the distance of the entry point. A few queries may differ, where equal
    # distances led the replay elsewhere.
    cost = index.cost(queries, min(K, effort), effort)
    expected = (np.array(computed) + 1) * 24
    assert np.mean(cost.scan_macs + cost.route_macs == expected) >= 0.99
    assert np.allclose((cost.scan_macs + cost.route_macs).mean(), expected.mean(), rtol=0.01)


@pytest.mark.parametrize("effort", [15, 40])
def test_a_search_takes_the_same_way_past_removed_documents(
    effort: int, many: np.ndarray, resources: Resources
):
    index, counter = built(many, resources), faiss.cvar.hnsw_stats
    queries = many[::16] + np.float32(0.05)
    before, cost = index.search(queries, K, effort), index.cost(queries, K, effort)
    removed = np.unique(before.ids[:, ::2])
    index.remove(removed)
    counter.reset()
    after = index.search(queries, K, effort)
    expected = (cost.scan_macs + cost.route_macs).sum() / 24 - len(queries)  # without entry points
    assert counter.ndis == pytest.approx(expected, rel=0.01)
    assert np.array_equal(index.cost(queries, K, effort).scan_macs, cost.scan_macs)
    assert not np.isin(after.ids, removed).any()
    for row, found in zip(after.ids, before.ids, strict=True):
        assert set(found) - set(removed) <= set(row)


def test_the_full_effort_equals_exact_search(
    index: FaissHnswIndex, vectors: np.ndarray, resources: Resources
):
    exact = ExactIndex(NoSettings(), resources)
    exact.build(vectors, 0, None)
    queries = vectors[::5] + np.float32(0.1)
    hits, expected = index.search(queries, K, index.efforts(K)[-1]), exact.search(queries, K, 1)
    assert index.efforts(K) == range(K, 201)
    assert np.array_equal(hits.ids, expected.ids)
    assert np.allclose(hits.scores, expected.scores, atol=1e-5)
    cost = index.cost(queries, K, 200)
    assert (cost.visited == 200).all() and (cost.scan_macs == 200 * 16).all()


def test_the_least_effort_returns_all_that_is_asked_for(index: FaissHnswIndex, vectors: np.ndarray):
    hits = index.search(vectors[:7], K, index.efforts(K)[0])
    assert hits.ids.shape == hits.scores.shape == (7, K)
    assert hits.ids.dtype == np.int64 and hits.scores.dtype == np.float32
    assert (hits.ids >= 0).all()
    assert np.allclose(hits.scores[:, 0], (vectors[:7] * vectors[hits.ids[:, 0]]).sum(axis=1))
    assert index.efforts(500) == range(200, 201)


def test_unreachable_documents_are_padded_like_a_small_effort(resources: Resources):
    random = np.random.default_rng(0)
    lengths = np.exp(random.normal(size=(300, 1)))  # short vectors are nobody's neighbours
    vectors = (lengths * random.normal(size=(300, 16))).astype(np.float32)
    hits = built(vectors, resources, neighbours=2).search(vectors[:20], 300, 300)
    missing = hits.ids == -1
    assert missing.any(axis=1).all() and (hits.scores[missing] == LOWEST).all()


def test_a_loaded_index_has_the_same_hits_and_costs(
    index: FaissHnswIndex, vectors: np.ndarray, resources: Resources, tmp_path: Path
):
    before, cost = index.search(vectors, K, 20), index.cost(vectors, K, 20)
    index.save(tmp_path)
    loaded = FaissHnswIndex(FaissHnswSettings(), resources)
    loaded.load(tmp_path, vectors)
    after = loaded.search(vectors, K, 20)
    assert np.array_equal(after.ids, before.ids) and np.array_equal(after.scores, before.scores)
    again = loaded.cost(vectors, K, 20)
    assert np.array_equal(again.visited, cost.visited)
    assert np.array_equal(again.route_macs, cost.route_macs)


def test_more_effort_visits_more(many: np.ndarray, resources: Resources):
    index = built(many, resources)
    means = [index.cost(many[:50], K, effort).visited.mean() for effort in (15, 30, 60, 120, 240)]
    assert means == sorted(means) and means[0] < 300 < means[-1] < 3000


def test_on_one_thread_the_seed_determines_the_graph(
    vectors: np.ndarray, resources: Resources, tmp_path: Path
):
    def saved(name: str, seed: int) -> bytes:
        (tmp_path / name).mkdir()
        built(vectors, resources, seed).save(tmp_path / name)
        return (tmp_path / name / FILE).read_bytes()

    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        assert saved("first", 0) == saved("again", 0) != saved("other", 1)
    finally:
        faiss.omp_set_num_threads(threads)


def test_settings_that_build_no_graph_are_rejected():
    with pytest.raises(InputError, match=r"^faiss_hnsw\.neighbours is 1; it must be at least 2$"):
        FaissHnswSettings(neighbours=1)
    with pytest.raises(InputError, match=r"^faiss_hnsw\.ef_construction is 0; it must be at least"):
        FaissHnswSettings(ef_construction=0)
