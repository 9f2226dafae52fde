"""Replay the search of an HNSW graph, to count the distances that the libraries do not report.

The graph is that of Malkov & Yashunin, "Efficient and robust approximate nearest neighbor search
using Hierarchical Navigable Small World graphs" (TPAMI 2018). The search is their algorithms 5 and
2 as implemented by `searchKnn` and `searchBaseLayerST` of hnswlib 0.8.0; Faiss does the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any

import numpy as np
from numpy.typing import NDArray

from methods.base import Array, Cost, Positions
from methods.errors import InputError
from methods.forms.list_entries import as_ids, check_vectors

Nodes = NDArray[np.integer[Any]]
MAX_REPLAYED, MIN_REPLAYED = 256, 16
HOPS = 1 << 16
"""The number of hops to replay in total, at about ten microseconds per hop. The sample of queries
can be smaller the larger ef is, because the number of visited nodes then varies less."""


@dataclass(frozen=True)
class LayeredGraph:
    """A graph in levels: level 0 holds every node, each level above it fewer."""

    vectors: Array
    """The vector (nodes, dimensions) of each node; may be a view of a file."""
    documents: Positions
    """The document (nodes,) of each node; may be a view of a file."""
    entry: int
    """The node on the highest level where a search starts."""
    top: int
    """The highest level."""
    neighbours: Callable[[int, int], Nodes]
    """Returns the nodes, without repeats, that a node links to, given the level and the node."""
    removed: NDArray[np.integer[Any]] | None = None
    """Not 0 for a node (nodes,) that a search passes but never returns; may be a view of a file."""


@dataclass(frozen=True)
class Replay:
    """The search for one query."""

    documents: Positions
    """The results, best first, at most ef."""
    visited: int
    """Distinct nodes that were scored on any level."""
    upper: int
    """Distances computed above level 0; a node counts each time it is met."""
    base: int
    """Distances computed on level 0; a node counts once, even if it was met above."""


def replay(graph: LayeredGraph, query: Array, ef: int) -> Replay:
    """Search the graph for a query vector (dimensions,) as hnswlib does without a filter.

    Distances are 1 - inner product in float32. If two are equal, or differ only by the order of
    summation, hnswlib may continue with the other node.
    """
    start, met = _descend(graph, query)
    starts = np.array([start])
    best, scored, base = search_base(graph, query, starts, _distances(graph, query, starts), ef)
    ranked = sorted((-closeness, graph.documents[node]) for closeness, node in best)
    scored[met] = True
    again = graph.removed is None or not graph.removed[start]
    return Replay(
        documents=np.array([document for _, document in ranked], dtype=np.int64),
        visited=int(np.count_nonzero(scored)),
        upper=len(met),
        base=base + again,  # hnswlib computes the distance of a start that it may return again
    )


def graph_efforts(k: int, documents: int) -> range:
    """Return the values of ef for `k` documents: fewer candidates than `k` could not fill them."""
    return range(min(k, documents), documents + 1)


def check_next(ids: Positions, count: int, vectors: Array, dimensions: int) -> None:
    """Raise InputError unless vectors (n, dimensions) and their ids can join `count` documents."""
    check_vectors(vectors, len(as_ids(ids)), dimensions)
    if not np.array_equal(ids, np.arange(count, count + len(ids))):
        raise InputError(
            f"a graph knows documents by their position; give new ones the ids from {count} on, in "
            "order"
        )


def search_cost(graph: LayeredGraph, queries: Array, ef: int, macs: int) -> Cost:
    """Count the cost of a search for each query vector (n, dimensions) by replaying it.

    A distance takes `macs` multiply-adds. Scoring each visited document once, on whichever level,
    is the scan. Scoring the same document again, on the way down or on level 0, is routing. If
    there are many queries, an evenly spaced sample is counted: from 256 for a small ef to 16 for
    the largest.
    """
    sample, counted = sampled(queries, ef)
    replays = [replay(graph, query, ef) for query in sample]
    visited = np.array([r.visited for r in replays], dtype=np.int64)
    computed = np.array([r.upper + r.base for r in replays], dtype=np.int64)
    route = (computed - visited) * macs
    return Cost(visited, visited * macs, route, counted is None, counted)


def sampled(queries: Array, ef: int) -> tuple[Array, Positions | None]:
    """Return the query vectors to replay and their positions, None if these are all."""
    size = max(MIN_REPLAYED, min(MAX_REPLAYED, HOPS // ef))
    if len(queries) <= size:
        return queries, None
    counted = np.arange(size) * len(queries) // size
    return queries[counted], counted


def _descend(graph: LayeredGraph, query: Array) -> tuple[int, list[int]]:
    """Move to the nearest neighbour on each level above 0 until none is nearer.

    Return the node where level 0 is entered, and every node whose distance was computed, once for
    each time.
    """
    node = graph.entry
    met = [node]
    nearest = _distances(graph, query, np.array(met))[0]
    for level in range(graph.top, 0, -1):
        moved = True
        while moved:
            near = graph.neighbours(level, node)
            met.extend(near.tolist())
            distances = _distances(graph, query, near)
            moved = bool((distances < nearest).any())
            if moved:
                node, nearest = int(near[distances.argmin()]), distances.min()
    return node, met


def search_base(
    graph: LayeredGraph, query: Array, starts: Positions, distances: Array, ef: int
) -> tuple[list[tuple[float, int]], NDArray[np.bool_], int]:
    """Search level 0 from the nodes `starts` (s,) at `distances` (s,), keeping the best `ef` nodes.

    Return these as (minus distance, node) in any order, whether each node (nodes,) was scored, and
    how many distances were computed, not counting those of the starts.
    """
    scored = np.zeros(len(graph.vectors), dtype=np.bool_)
    scored[starts] = True
    candidates = sorted(zip(distances.tolist(), starts.tolist(), strict=True))
    removed = graph.removed
    best = sorted(
        (-distance, node)
        for distance, node in candidates[:ef]
        if removed is None or not removed[node]
    )
    computed = 0
    while candidates and (len(best) < ef or candidates[0][0] <= -best[0][0]):
        _, node = heappop(candidates)
        near = graph.neighbours(0, node)
        near = near[~scored[near]]
        scored[near] = True
        computed += len(near)
        for distance, other in zip(
            _distances(graph, query, near).tolist(), near.tolist(), strict=True
        ):
            if len(best) < ef or distance < -best[0][0]:
                heappush(candidates, (distance, other))
                if removed is None or not removed[other]:
                    heappush(best, (-distance, other))
                if len(best) > ef:
                    heappop(best)
    return best, scored, computed


def _distances(graph: LayeredGraph, query: Array, nodes: Nodes) -> Array:
    distances: Array = np.float32(1) - graph.vectors[nodes] @ query
    return distances
