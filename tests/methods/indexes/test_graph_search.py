"""The replayed search of a graph, by hand on a line and against a search with plain sets."""

from dataclasses import replace

import numpy as np
import pytest

from methods.indexes.graph_search import (
    MAX_REPLAYED,
    LayeredGraph,
    graph_efforts,
    replay,
    search_cost,
)


@pytest.fixture
def line() -> LayeredGraph:
    """Documents 10 to 60 on a line, each linked to the next; every second one on level 1."""
    base = [[1], [0, 2], [1, 3], [2, 4], [3, 5], [4]]
    above = {0: [2], 2: [0, 4], 4: [2]}
    return LayeredGraph(
        vectors=np.array([[0.0], [0.2], [0.4], [0.6], [0.8], [1.0]], dtype=np.float32),
        documents=np.array([10, 20, 30, 40, 50, 60]),
        entry=0,
        top=1,
        neighbours=lambda level, node: np.array(above[node] if level else base[node]),
    )


def random_graph(nodes: int) -> LayeredGraph:
    """Up to 12 random links per node on level 0, and 6 for each of the first tenth on level 1."""
    random = np.random.default_rng(1)
    base = random.integers(nodes, size=(nodes, 12))
    above = random.integers(nodes // 10, size=(nodes // 10, 6))
    links = [[list(dict.fromkeys(row)) for row in level.tolist()] for level in (base, above)]
    return LayeredGraph(
        vectors=random.normal(size=(nodes, 8)).astype(np.float32),
        documents=np.arange(nodes),
        entry=0,
        top=1,
        neighbours=lambda level, node: np.array(links[level][node]),
    )


def brute_search(graph: LayeredGraph, query: np.ndarray, ef: int) -> tuple[list[int], set, int]:
    """Search with plain sets: until the `ef` nearest nodes that were scored are all expanded."""
    distance = (1 - graph.vectors @ query).tolist()
    node, scored, upper = graph.entry, {graph.entry}, 1
    while True:
        near = graph.neighbours(1, node).tolist()
        scored.update(near)
        upper += len(near)
        nearer = min([node, *near], key=distance.__getitem__)
        if nearer == node:
            break
        node = nearer
    on_base, expanded = {node}, set()
    while waiting := set(sorted(on_base, key=distance.__getitem__)[:ef]) - expanded:
        node = min(waiting, key=distance.__getitem__)
        expanded.add(node)
        on_base.update(graph.neighbours(0, node).tolist())
    return sorted(on_base, key=distance.__getitem__)[:ef], scored | on_base, upper + len(on_base)


@pytest.mark.parametrize(
    ("ef", "documents", "base"),
    [
        (1, [60], 3),  # level 0 is entered at 50; its neighbours 40 and 60 are scored
        (2, [60, 50], 3),  # 40 is further than the two best
        (3, [60, 50, 40], 4),  # 40 is one of the best, so its neighbour 30 is scored
        (6, [60, 50, 40, 30, 20, 10], 6),
    ],
)
def test_a_search_along_a_line_by_hand(
    line: LayeredGraph, ef: int, documents: list[int], base: int
):
    result = replay(line, np.array([1.0], dtype=np.float32), ef)
    assert result.documents.tolist() == documents
    # 10, its neighbour 30, its neighbours 10 and 50, its neighbour 30
    assert result.upper == 5
    assert result.base == base
    assert result.visited == (6 if ef == 6 else 5)  # all but 20: 30 and 10 on the way down


@pytest.mark.parametrize(
    ("removed", "documents", "base"),
    [
        ([60], [50], 3),  # 60 is scored and expanded, but not returned
        ([50], [60], 2),  # level 0 is entered at 50, whose distance is not needed again
        ([50, 60], [40], 3),  # a removed document does not end the search, so 30 is scored
    ],
)
def test_a_search_past_removed_documents_by_hand(
    line: LayeredGraph, removed: list[int], documents: list[int], base: int
):
    past = replace(line, removed=np.isin(line.documents, removed))
    result = replay(past, np.array([1.0], dtype=np.float32), 1)
    assert result.documents.tolist() == documents
    assert (result.upper, result.base) == (5, base)


@pytest.mark.parametrize("ef", [1, 2, 7, 30, 500])
def test_hits_and_counts_equal_those_of_a_search_with_sets(ef: int):
    graph = random_graph(500)
    for query in np.random.default_rng(2).normal(size=(40, 8)).astype(np.float32):
        best, scored, computed = brute_search(graph, query, ef)
        result = replay(graph, query, ef)
        assert result.documents.tolist() == best
        assert result.visited == len(scored)
        assert result.upper + result.base == computed


def test_scoring_a_document_again_counts_as_routing(line: LayeredGraph):
    cost = search_cost(line, np.array([[1.0], [1.0]], dtype=np.float32), 3, macs=7)
    assert cost.visited.tolist() == [5, 5]
    assert cost.scan_macs.tolist() == [35, 35]
    assert cost.route_macs.tolist() == [28, 28]  # 4 of 5 + 4 distances
    assert cost.exact and cost.counted is None


def test_only_a_sample_of_many_queries_is_counted():
    graph = random_graph(100)
    queries = np.random.default_rng(2).normal(size=(3 * MAX_REPLAYED + 5, 8)).astype(np.float32)
    cost = search_cost(graph, queries, 4, 8)
    assert cost.counted is not None and len(cost.counted) == len(cost.visited) == MAX_REPLAYED
    assert set(np.diff(cost.counted)) == {3, 4} and cost.counted[0] == 0
    assert np.array_equal(search_cost(graph, queries[cost.counted], 4, 8).visited, cost.visited)


def test_efforts_start_with_what_is_returned():
    assert graph_efforts(10, 200) == range(10, 201)
    assert graph_efforts(200, 200) == graph_efforts(500, 200) == range(200, 201)
