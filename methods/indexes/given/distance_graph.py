"""Count searches of a graph by Euclidean distance, with the replay for inner products."""

from dataclasses import replace

import numpy as np

from methods.base import Array, Cost
from methods.indexes.graph_search import LayeredGraph, search_cost


def graph_cost(graph: LayeredGraph, queries: Array, ef: int, euclidean: bool) -> Cost:
    """Count the cost of a search for each query (n, dimensions); see `search_cost`.

    The x nearest to a query q has the largest inner product of (x, -|x|^2 / 2) and (q, 1), so the
    replay visits the same nodes.
    """
    macs = queries.shape[1]
    if euclidean:
        vectors = np.asarray(graph.vectors)
        half = np.einsum("ij,ij->i", vectors, vectors) / 2
        graph = replace(graph, vectors=np.column_stack([vectors, -half]))
        queries = np.column_stack([queries, np.ones(len(queries), dtype=np.float32)])
    return search_cost(graph, queries, ef, macs)
