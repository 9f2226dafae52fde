"""How lists are reached: by all their vectors, by a graph over them, or by codes of them."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from methods.base import Array
from methods.errors import InputError
from methods.forms.short import linear_projection

Routing = Literal["flat", "graph", "codes"]
ROUTINGS: tuple[Routing, ...] = ("flat", "codes", "graph")

NEIGHBOURS = 16  # M of a graph over lists
CANDIDATES = 2  # of a graph, for each list to reach
REFINED = 4  # scored again by whole vectors, for each list to reach
BITS, CENTRES = 4, 16  # of a code


def coarse_quantizer(routing: Routing, vectors: Array) -> Any:
    """Return a Faiss index that finds the nearest lists by their vectors (lists, dimensions).

    A graph and codes find them approximately, in less time the more lists there are. Raise
    InputError if there are too few lists, or dimensions that do not split, for codes.
    """
    import faiss

    lists, dimensions = vectors.shape
    flat = faiss.IndexFlatIP(dimensions)
    if routing == "graph":
        index = faiss.IndexHNSWFlat(dimensions, NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
    elif routing == "codes":
        index = faiss.IndexRefine(_codes(lists, dimensions), flat)
        index.k_factor = REFINED
    else:
        index = flat
    index.train(vectors)
    index.add(vectors)
    return index


def list_vectors(quantizer: Any) -> Array:
    """Return the vectors (lists, dimensions) that a coarse quantizer was made of."""
    import faiss

    quantizer = faiss.downcast_index(quantizer)
    if isinstance(quantizer, faiss.IndexRefine):
        quantizer = faiss.downcast_index(quantizer.refine_index)
    vectors: Array = quantizer.reconstruct_n(0, quantizer.ntotal)
    return vectors


def reach(index: Any, quantizer: Any, probes: int) -> None:
    """Set a Faiss inverted file to search `probes` lists, which the quantizer finds."""
    import faiss

    index.nprobe = probes
    quantizer = faiss.downcast_index(quantizer)
    if isinstance(quantizer, faiss.IndexPreTransform):
        quantizer = faiss.downcast_index(quantizer.index)
    if isinstance(quantizer, faiss.IndexHNSW):
        quantizer.hnsw.efSearch = CANDIDATES * probes


def routing_macs(quantizer: Any, queries: Array, probes: int) -> NDArray[np.int64]:
    """Return the multiply-adds (n,) to find the `probes` nearest lists of queries (n, dimensions).

    A graph counts every distance that it computes, on average over the queries.
    """
    import faiss

    quantizer = faiss.downcast_index(quantizer)
    lists, dimensions = quantizer.ntotal, quantizer.d
    macs = lists * dimensions
    if isinstance(quantizer, faiss.IndexPreTransform):
        linear = faiss.downcast_VectorTransform(quantizer.chain.at(0))
        inner = routing_macs(quantizer.index, linear.apply(queries), probes)
        inner += linear.d_in * linear.d_out
        return inner
    if isinstance(quantizer, faiss.IndexHNSW):
        faiss.cvar.hnsw_stats.reset()
        quantizer.search(queries, probes)
        # Faiss does not count the entry point.
        distances = faiss.cvar.hnsw_stats.ndis / len(queries) + 1
        macs = round(distances * dimensions)
    elif isinstance(quantizer, faiss.IndexRefine):
        codes = faiss.downcast_index(quantizer.base_index)
        macs = lists * codes.pq.M + CENTRES * dimensions + min(lists, REFINED * probes) * dimensions
    return np.full(len(queries), macs, dtype=np.int64)


def every_score(quantizer: Any) -> Callable[[Array], Array] | None:
    """Return what scores all lists for vectors (n, dimensions), or None if they are not compared.

    Where every list is scored anyway, a product of matrices takes less time than Faiss, which sorts
    as many lists as it returns. It reads the quantizer's memory, and so must not outlive it.
    """
    import faiss

    quantizer, projection = faiss.downcast_index(quantizer), None
    if isinstance(quantizer, faiss.IndexPreTransform):
        projection = linear_projection((faiss.downcast_VectorTransform(quantizer.chain.at(0)),))
        quantizer = faiss.downcast_index(quantizer.index)
    if not isinstance(quantizer, faiss.IndexFlat):
        return None
    shape = (quantizer.ntotal, quantizer.d)
    columns = faiss.rev_swig_ptr(quantizer.get_xb(), shape[0] * shape[1]).reshape(shape).T
    if projection is None:
        return lambda vectors: vectors @ columns
    return lambda vectors: vectors @ projection @ columns


def _codes(lists: int, dimensions: int) -> Any:
    """Return codes for vectors of lists, of eight dimensions or fewer a block."""
    import faiss

    per_block = next(
        n for n in (8, 4, 2, 1) if (dimensions % n == 0 and dimensions // n >= 16) or n == 1
    )
    if lists < CENTRES:
        raise InputError(
            f"routing by codes needs at least {CENTRES} lists, not {lists}; use routing=flat"
        )
    codes = faiss.IndexPQFastScan(
        dimensions, dimensions // per_block, BITS, faiss.METRIC_INNER_PRODUCT
    )
    codes.pq.cp.min_points_per_centroid = 1
    return codes
