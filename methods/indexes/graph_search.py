"""The search of an HNSW graph replayed, to count what the libraries do not tell.

The graph is that of Malkov & Yashunin, "Efficient and robust approximate nearest neighbor search
using Hierarchical Navigable Small World graphs" (TPAMI 2018); the search is their algorithms 5
and 2 as hnswlib 0.8.0 has them in `searchKnn` and `searchBaseLayerST`. Faiss searches alike.
"""

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any

import numpy as np
from numpy.typing import NDArray

from methods.base import Array, Cost, Positions

Nodes = NDArray[np.integer[Any]]
COUNTED, FEWEST = 256, 16
HOPS = 1 << 16
"""Replaying takes some ten microseconds a hop: a sample of the queries is counted, the smaller
the larger ef is, as queries then differ the less in what they visit."""


@dataclass(frozen=True)
class LayeredGraph:
    """A graph in levels: level 0 holds every node, each level above it fewer.

    Node i is the document `documents[i]` and has the vector `vectors[i]`, of (nodes, dimensions);
    both may be views of a file. `neighbours(level, node)` returns what a node links to, without
    repeats. A search enters at the node `entry` of the highest level, `top`.
    """

    vectors: Array
    documents: Positions
    entry: int
    top: int
    neighbours: Callable[[int, int], Nodes]


@dataclass(frozen=True)
class Replay:
    """One query's search.

    `documents` are those it ends with, best first, no more than ef. `visited` counts the distinct
    nodes that were scored on any level. `upper` and `base` count the distances computed above
    level 0 and on it: a node counts again each time it is met above, once more on level 0.
    """

    documents: Positions
    visited: int
    upper: int
    base: int


def replay(graph: LayeredGraph, query: Array, ef: int) -> Replay:
    """Search the graph for a query vector (dimensions,) as hnswlib does without a filter.

    Distances are 1 - inner product in float32. Where two are equal, or differ only in the order
    of their sums, hnswlib may go on with the other one.
    """
    start, met = _descend(graph, query)
    best, scored, base = _search_base(graph, query, start, ef)
    ranked = sorted((-closeness, graph.documents[node]) for closeness, node in best)
    scored[met] = True
    return Replay(
        documents=np.array([document for _, document in ranked], dtype=np.int64),
        visited=int(np.count_nonzero(scored)),
        upper=len(met),
        base=base,
    )


def search_cost(graph: LayeredGraph, queries: Array, ef: int) -> Cost:
    """Count what a search for each query vector (n, dimensions) spends, by replaying it.

    Documents are visited on any level; scoring each of them once is the scan. The same document
    scored again, on its way down or on level 0, is routing. Of many queries, a sample is counted,
    evenly spaced: from 256 for a small ef to 16 for the largest.
    """
    size = max(FEWEST, min(COUNTED, HOPS // ef))
    counted = np.arange(size) * len(queries) // size if len(queries) > size else None
    chosen = queries if counted is None else queries[counted]
    replays = [replay(graph, query, ef) for query in chosen]
    visited = np.array([done.visited for done in replays], dtype=np.int64)
    computed = np.array([done.upper + done.base for done in replays], dtype=np.int64)
    dimensions = graph.vectors.shape[1]
    route = (computed - visited) * dimensions
    return Cost(visited, visited * dimensions, route, counted is None, counted)


def _descend(graph: LayeredGraph, query: Array) -> tuple[int, list[int]]:
    """Go to the nearest neighbour on each level above 0 until none is nearer.

    Return the node that level 0 is entered at, and every node whose distance was computed, as
    often as it was.
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


def _search_base(
    graph: LayeredGraph, query: Array, start: int, ef: int
) -> tuple[list[tuple[float, int]], NDArray[np.bool_], int]:
    """Search level 0 from `start`, keeping the best `ef` nodes.

    Return these as (minus distance, node) in no order, whether each node of the graph was scored
    (nodes,), and how many distances were computed. hnswlib computes that of `start` again.
    """
    scored = np.zeros(len(graph.vectors), dtype=np.bool_)
    scored[start] = True
    first = float(_distances(graph, query, np.array([start]))[0])
    candidates, best, computed = [(first, start)], [(-first, start)], 1
    while candidates and candidates[0][0] <= -best[0][0]:
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
                heappush(best, (-distance, other))
                if len(best) > ef:
                    heappop(best)
    return best, scored, computed


def _distances(graph: LayeredGraph, query: Array, nodes: Nodes) -> Array:
    distances: Array = np.float32(1) - graph.vectors[nodes] @ query
    return distances
