"""Properties of every index: the full effort is exact search, and costs are true counts."""

from pathlib import Path

import numpy as np
import pytest
import torch

from methods.base import Index, Resources
from methods.ehi.indexer import TreeIndexer
from methods.ehi.settings import EhiSettings, TreeSettings
from methods.ehi.tree_index import TreeIndex
from methods.ehi.tree_router import TreeRouter
from methods.ehi.warm_start import start_from_kmeans
from methods.errors import InputError
from methods.indexes.exact import ExactIndex
from methods.indexes.ivf import IvfIndex, IvfSettings
from methods.settings import NoSettings

K = 15


def router(vectors: np.ndarray, height: int = 1, branching: int = 8) -> TreeRouter:
    torch.manual_seed(0)
    indexer = TreeIndexer(vectors.shape[1], EhiSettings(height, branching, 0.1, mixer="relu"))
    start_from_kmeans(indexer, vectors, seed=0)
    return indexer.router()


def built(index: Index, vectors: np.ndarray, **tree: int) -> Index:
    index.build(vectors, 0, router(vectors, **tree))
    return index


@pytest.fixture
def exact(vectors: np.ndarray, resources: Resources) -> Index:
    return built(ExactIndex(NoSettings(), resources), vectors)


@pytest.fixture
def queries(vectors: np.ndarray) -> np.ndarray:
    random = np.random.default_rng(3)
    noisy = vectors[::5] + 0.2 * random.normal(size=(40, 16)).astype(np.float32)
    return np.ascontiguousarray(noisy / np.linalg.norm(noisy, axis=1, keepdims=True))


def every_index(resources: Resources, vectors: np.ndarray) -> list[Index]:
    def tree(further: int, **shape: int) -> Index:
        return built(TreeIndex(TreeSettings(further), resources), vectors, **shape)

    return [
        built(IvfIndex(IvfSettings(lists=8), resources), vectors),
        tree(0, height=1, branching=8),
        tree(1, height=1, branching=8),
        tree(0, height=2, branching=3),
        tree(2, height=2, branching=3),
    ]


@pytest.mark.parametrize("which", range(5))
def test_the_full_effort_equals_exact_search(
    which: int, exact: Index, vectors: np.ndarray, queries: np.ndarray, resources: Resources
):
    index = every_index(resources, vectors)[which]
    hits, expected = index.search(queries, K, index.efforts(K)[-1]), exact.search(queries, K, 1)
    assert np.array_equal(hits.ids, expected.ids)
    assert np.allclose(hits.scores, expected.scores, atol=1e-5)
    assert (index.cost(queries, K, index.efforts(K)[-1]).visited == len(vectors)).all()


@pytest.mark.parametrize("which", range(5))
@pytest.mark.parametrize("effort", [1, 2, 5])
def test_visited_counts_the_documents_that_a_search_can_return(
    which: int, effort: int, vectors: np.ndarray, queries: np.ndarray, resources: Resources
):
    index = every_index(resources, vectors)[which]
    everything = index.search(queries, len(vectors), effort)
    found = (everything.ids >= 0).sum(axis=1)
    assert np.array_equal(index.cost(queries, K, effort).visited, found)
    for row in everything.ids:
        assert len(set(row[row >= 0])) == (row >= 0).sum()


def test_routing_is_counted(vectors: np.ndarray, queries: np.ndarray, resources: Resources):
    tree = every_index(resources, vectors)[1]
    assert (tree.cost(queries, K, 3).route_macs == 16 * 16 + 16 * 8).all()


def test_a_document_in_two_leaves_is_visited_once_and_scanned_twice(
    vectors: np.ndarray, queries: np.ndarray, resources: Resources
):
    index = every_index(resources, vectors)[2]
    cost = index.cost(queries, K, 8)
    assert (cost.visited == 200).all() and (cost.scan_macs == 2 * 200 * 16).all()


def test_more_effort_visits_more(vectors: np.ndarray, queries: np.ndarray, resources: Resources):
    for index in every_index(resources, vectors):
        means = [index.cost(queries, K, effort).visited.mean() for effort in index.efforts(K)]
        assert means == sorted(means)


def test_more_further_lists_than_there_are_are_rejected(vectors: np.ndarray, resources: Resources):
    with pytest.raises(InputError, match=r"the tree has 8 leaves; --set tree\.spilled=0"):
        built(TreeIndex(TreeSettings(spilled=8), resources), vectors)
    with pytest.raises(InputError, match=r"only 8 lists, .* --set ivf\.spilled=0"):
        built(IvfIndex(IvfSettings(lists=8, spilled=8), resources), vectors)


def test_a_tree_index_needs_a_tree(vectors: np.ndarray, resources: Resources):
    with pytest.raises(InputError, match="needs a trainer that learns a tree"):
        TreeIndex(TreeSettings(), resources).build(vectors, 0, None)


@pytest.mark.parametrize("which", range(5))
def test_a_loaded_index_finds_the_same(
    which: int, vectors: np.ndarray, queries: np.ndarray, resources: Resources, tmp_path: Path
):
    index = every_index(resources, vectors)[which]
    index.save(tmp_path)
    settings = IvfSettings(lists=8) if which == 0 else TreeSettings((0, 0, 1, 0, 2)[which])
    loaded = type(index)(settings, resources)
    loaded.load(tmp_path, vectors)
    for effort in (1, 3):
        hits, again = (each.search(queries, K, effort) for each in (index, loaded))
        assert np.array_equal(hits.ids, again.ids) and np.array_equal(hits.scores, again.scores)
        assert np.array_equal(
            index.cost(queries, K, effort).visited, loaded.cost(queries, K, effort).visited
        )
    assert loaded.efforts(K) == index.efforts(K)
