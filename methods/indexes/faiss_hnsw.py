"""HNSW from Faiss on the dual encoder, searched with a list of efSearch candidates."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from methods.base import Array, Cost, Hits, Index, Resources, Router
from methods.indexes.graph_search import LayeredGraph, Nodes, search_cost
from methods.indexes.hnsw import padded
from methods.settings import check_range

FILE = "graph.faiss"


@dataclass(frozen=True)
class FaissHnswSettings:
    """M, the links of a document on each level (twice as many on level 0), and efConstruction."""

    neighbours: int = 16
    ef_construction: int = 200

    def __post_init__(self) -> None:
        """Reject values that build no graph: with one neighbour there are no levels."""
        check_range("faiss_hnsw.neighbours", self.neighbours, 2)
        check_range("faiss_hnsw.ef_construction", self.ef_construction, 1)


class FaissHnswIndex(Index[Array]):
    """Faiss IndexHNSWFlat with inner product; effort is efSearch.

    Faiss inserts the documents on all its threads, in a different order each time, so the same
    seed gives the same levels but slightly different links. On one thread, builds are repeatable.
    """

    def __init__(self, settings: FaissHnswSettings, resources: Resources) -> None:
        self._settings = settings

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Insert the document vectors (documents, dimensions); Faiss keeps a copy."""
        import faiss

        self._index = faiss.IndexHNSWFlat(
            documents.shape[1], self._settings.neighbours, faiss.METRIC_INNER_PRODUCT
        )
        self._index.hnsw.efConstruction = self._settings.ef_construction
        self._index.hnsw.rng = faiss.RandomGenerator(seed)
        self._index.add(documents)

    def save(self, folder: Path) -> None:
        """Write the graph and the vectors in Faiss's format."""
        import faiss

        faiss.write_index(self._index, str(folder / FILE))

    def load(self, folder: Path, documents: Array) -> None:
        """Read the graph and the vectors."""
        import faiss

        self._index = faiss.read_index(str(folder / FILE))

    def efforts(self) -> range:
        """Return efSearch from 1 to the number of documents."""
        return range(1, self._index.ntotal + 1)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` of the `effort` candidates, then ids of -1 if there are fewer."""
        self._index.hnsw.efSearch = effort
        wanted = min(k, effort)  # Faiss keeps max(efSearch, k) candidates
        scores, ids = self._index.search(queries, wanted)
        return padded(ids, scores, k)

    def cost(self, queries: Array, effort: int) -> Cost:
        """Count by replaying the searches on the graph. See `search_cost`.

        Faiss's own counter, `hnsw_stats.ndis`, counts documents again on every level and leaves
        out the entry point; otherwise the two agree.
        """
        cost = search_cost(graph_of(self._index), queries, effort)
        # The replay follows hnswlib, which scores the node where it enters level 0 once more.
        return replace(cost, route_macs=cost.route_macs - self._index.d)


def graph_of(index: Any) -> LayeredGraph:
    """Return the graph of a Faiss IndexHNSWFlat as views, valid as long as the index exists."""
    import faiss

    hnsw, nodes = index.hnsw, index.ntotal
    links = faiss.rev_swig_ptr(hnsw.neighbors.data(), hnsw.neighbors.size())
    starts = faiss.rev_swig_ptr(hnsw.offsets.data(), hnsw.offsets.size())
    levels = faiss.vector_to_array(hnsw.cum_nneighbor_per_level).tolist()
    vectors = faiss.rev_swig_ptr(faiss.downcast_index(index.storage).get_xb(), nodes * index.d)

    def neighbours(level: int, node: int) -> Nodes:
        start = int(starts[node])
        row: Nodes = links[start + levels[level] : start + levels[level + 1]]
        return row[row >= 0]  # an unused link is -1

    return LayeredGraph(
        vectors=vectors.reshape(nodes, index.d),
        documents=np.arange(nodes),
        entry=hnsw.entry_point,
        top=hnsw.max_level,
        neighbours=neighbours,
    )
