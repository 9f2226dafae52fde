"""HNSW from hnswlib: its searches, replayed and counted, and its saved graphs."""

from pathlib import Path

import numpy as np
import pytest

from methods.base import Resources
from methods.errors import InputError
from methods.indexes.exact import ExactIndex
from methods.indexes.graph_search import replay
from methods.indexes.hnsw import FILE, HnswIndex, HnswSettings
from methods.indexes.hnsw_file import read_graph
from methods.settings import NoSettings

hnswlib = pytest.importorskip("hnswlib")

K = 15
LOWEST = np.finfo(np.float32).min


def built(
    vectors: np.ndarray, resources: Resources, seed: int = 0, threads: int = 2, **settings: int
) -> HnswIndex:
    index = HnswIndex(HnswSettings(**settings), resources)
    index.use_threads(threads)
    index.build(vectors, seed, None)
    return index


@pytest.fixture
def index(vectors: np.ndarray, resources: Resources) -> HnswIndex:
    return built(vectors, resources)


@pytest.fixture(scope="module")
def many() -> np.ndarray:
    """3000 unit vectors of 24 dimensions in 60 clusters."""
    random = np.random.default_rng(5)
    points = np.repeat(random.normal(size=(60, 24)), 50, axis=0)
    points += 0.7 * random.normal(size=points.shape)
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("effort", [1, 5, 40, 300])
def test_the_replay_finds_what_hnswlib_finds(
    effort: int, many: np.ndarray, resources: Resources, tmp_path: Path
):
    index = built(many, resources)
    index.save(tmp_path)
    graph = read_graph(tmp_path / FILE)
    queries = many[::10] + np.float32(0.05)
    hits = index.search(queries, effort, effort)
    equal = [
        set(replay(graph, query, effort).documents) == set(ids)
        for query, ids in zip(queries, hits.ids, strict=True)
    ]
    assert np.mean(equal) >= 0.99  # the rest has equal distances in float32


@pytest.mark.parametrize("effort", [1, 5, 40, 300])
def test_the_replay_finds_what_hnswlib_finds_past_removed_documents(
    effort: int, many: np.ndarray, resources: Resources
):
    index = built(many, resources)
    removed = np.flatnonzero(np.random.default_rng(3).random(len(many)) < 0.6)
    index.remove(removed)
    queries = many[::10] + np.float32(0.05)
    hits = index.search(queries, effort, effort)
    assert not np.isin(hits.ids, removed).any()
    replays = [replay(index._graph, query, effort) for query in queries]
    equal = [set(each.documents) == set(ids) for each, ids in zip(replays, hits.ids, strict=True)]
    assert np.mean(equal) >= 0.99  # the rest has equal distances in float32


def test_the_full_effort_equals_exact_search(
    index: HnswIndex, vectors: np.ndarray, resources: Resources
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


def test_a_search_keeps_at_least_as_many_candidates_as_it_returns(
    index: HnswIndex, vectors: np.ndarray
):
    hits = index.search(vectors[:7], K, 1)
    assert hits.ids.shape == hits.scores.shape == (7, K)
    assert hits.ids.dtype == np.int64 and hits.scores.dtype == np.float32
    assert (hits.ids >= 0).all()
    assert np.allclose(hits.scores[:, 0], (vectors[:7] * vectors[hits.ids[:, 0]]).sum(axis=1))
    assert index.efforts(500) == range(200, 201)
    few = index.cost(vectors[:7], K, 1)
    assert np.array_equal(few.visited, index.cost(vectors[:7], K, K).visited)


def test_unreachable_documents_are_not_found_and_the_rest_is_padding(
    resources: Resources, tmp_path: Path
):
    random = np.random.default_rng(0)
    lengths = np.exp(random.normal(size=(300, 1)))  # short vectors are nobody's neighbours
    vectors = (lengths * random.normal(size=(300, 16))).astype(np.float32)
    index = built(vectors, resources, neighbours=2)
    hits = index.search(vectors[:20], 300, 300)
    found = (hits.ids >= 0).sum(axis=1)
    assert (found < 300).all() and (found > 1).all()
    index.save(tmp_path)
    graph = read_graph(tmp_path / FILE)
    for query, ids, count in zip(vectors, hits.ids, found, strict=False):
        assert set(ids[:count]) == set(replay(graph, query, 300).documents)
        assert (ids[count:] == -1).all()
    assert (hits.scores[hits.ids < 0] == LOWEST).all()


def test_a_loaded_index_has_the_same_hits_and_costs(
    index: HnswIndex, vectors: np.ndarray, resources: Resources, tmp_path: Path
):
    before, cost = index.search(vectors, K, 20), index.cost(vectors, K, 20)
    index.save(tmp_path)
    loaded = HnswIndex(HnswSettings(), resources)
    loaded.load(tmp_path, vectors)
    after = loaded.search(vectors, K, 20)
    assert np.array_equal(after.ids, before.ids) and np.array_equal(after.scores, before.scores)
    again = loaded.cost(vectors, K, 20)
    assert np.array_equal(again.visited, cost.visited)
    assert np.array_equal(again.route_macs, cost.route_macs)
    assert loaded.efforts(K) == index.efforts(K)


def test_a_graph_that_was_not_fully_written_is_an_error(index: HnswIndex, tmp_path: Path):
    with pytest.raises(OSError, match="did not write all of"):
        index.save(tmp_path / "nowhere")
    (tmp_path / FILE).symlink_to("/dev/full")
    with pytest.raises(OSError, match="did not write all of"):
        index.save(tmp_path)


def test_more_effort_visits_more(many: np.ndarray, resources: Resources):
    index = built(many, resources)
    costs = [index.cost(many[:50], K, effort) for effort in (15, 30, 60, 120, 240)]
    means = [cost.visited.mean() for cost in costs]
    assert means == sorted(means) and means[0] < 300 < means[-1] < 3000
    # At least the node where level 0 is entered is scored a second time.
    assert all((cost.route_macs >= 24).all() for cost in costs)
    assert all((cost.route_macs % 24 == 0).all() for cost in costs)


def test_on_one_thread_the_seed_determines_the_graph(
    vectors: np.ndarray, resources: Resources, tmp_path: Path
):
    def saved(name: str, seed: int) -> bytes:
        (tmp_path / name).mkdir()
        built(vectors, resources, seed, threads=1).save(tmp_path / name)
        return (tmp_path / name / FILE).read_bytes()

    assert saved("first", 0) == saved("again", 0) != saved("other", 1)


def test_settings_that_build_no_graph_are_rejected():
    with pytest.raises(InputError, match=r"^hnsw\.neighbours is 1; it must be from 2 to 10000$"):
        HnswSettings(neighbours=1)
    with pytest.raises(InputError, match=r"^hnsw\.ef_construction is 0; it must be at least 1$"):
        HnswSettings(ef_construction=0)
