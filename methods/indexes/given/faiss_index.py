"""A Faiss index that somebody else built: flat, an inverted file or a graph."""

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from methods.base import Array, Cost, Hits, Index, Resources, Router
from methods.errors import InputError
from methods.forms.layers import transform_macs, transformed
from methods.indexes.faiss_hnsw import graph_of
from methods.indexes.given.distance_graph import graph_cost
from methods.indexes.given.index_file import (
    LINK,
    GivenIndexSettings,
    as_indexed,
    check_fits,
    check_positions,
    link_file,
)
from methods.indexes.graph_search import graph_efforts
from methods.postings.coarse_quantizer import routing_macs


class GivenFaissIndex(Index[Array]):
    """A Faiss index as it was built; effort is nprobe or efSearch, whichever it has.

    An index may have a transform before it, a table of ids around it and a refinement after it.
    """

    def __init__(self, settings: GivenIndexSettings, resources: Resources) -> None:
        self._settings = settings
        self._effort: int | None = None

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Read the index. Raise InputError if it cannot be an index of these documents."""
        self._read(Path(self._settings.file))
        check_fits(self._settings, self._index.ntotal, self._index.d, documents)
        probe = as_indexed(self._settings, np.array(documents[:1]))
        ids = self._index.search(probe, min(10, len(documents)))[1]
        check_positions(self._settings, ids[ids >= 0], len(documents))

    def save(self, folder: Path) -> None:
        """Link to the file."""
        link_file(self._settings, folder)

    def load(self, folder: Path, documents: Array) -> None:
        """Read the index."""
        self._read(folder / LINK)

    def efforts(self, k: int) -> range:
        """Return nprobe up to the number of lists, efSearch from `k` on, or 1 alone."""
        import faiss

        if isinstance(self._core, faiss.IndexIVF):
            return range(1, self._core.nlist + 1)
        if isinstance(self._core, faiss.IndexHNSW):
            return graph_efforts(k, self._core.ntotal)
        return range(1, 2)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents of each query; nearer ones have higher scores."""
        if effort != self._effort:
            self._set_effort(effort)
        scores, ids = self._index.search(as_indexed(self._settings, queries), k)
        return Hits(ids, -scores if self._by_distance else scores)

    def cost(self, queries: Array, k: int, effort: int) -> Cost:
        """Count with Faiss's counter for an inverted file, or by replaying the search of a graph.

        A product code takes a look-up for each block, and each query takes a table; other codes
        count as whole vectors.
        """
        import faiss

        self._set_effort(effort)
        vectors = transformed(self._chain, as_indexed(self._settings, queries))
        # Faiss multiplies in single precision and drops the fraction.
        refined = min(int(np.float32(k * self._factor)), self._core.ntotal)
        core = self._core
        if isinstance(core, faiss.IndexHNSW):
            cost = graph_cost(self._graph, vectors, max(effort, k), self._by_distance)
            route = cost.route_macs - core.d  # as in FaissHnswIndex.cost
            cost = replace(cost, route_macs=route)
        elif isinstance(core, faiss.IndexIVF):
            routed = transformed(self._chain[: self._routed], as_indexed(self._settings, queries))
            visited = _scanned_in_lists(self._lists, routed)
            route = routing_macs(self._lists.quantizer, routed, core.nprobe)
            cost = Cost(visited, _scan_macs(core, visited), route)
        else:
            visited = np.full(len(queries), core.ntotal, dtype=np.int64)
            cost = Cost(visited, _scan_macs(core, visited), np.zeros_like(visited))
        return replace(
            cost,
            scan_macs=cost.scan_macs + refined * self._index.d,
            route_macs=cost.route_macs + transform_macs(self._chain),
        )

    def posting_sizes(self) -> NDArray[np.int64] | None:
        """Return the size of each list of an inverted file."""
        import faiss

        if not isinstance(self._core, faiss.IndexIVF):
            return None
        lists = self._core.invlists
        return np.array([lists.list_size(i) for i in range(lists.nlist)], dtype=np.int64)

    def _read(self, path: Path) -> None:
        """Read the index and its parts. Raise InputError if it is not known what it visits."""
        import faiss

        try:
            self._index = faiss.read_index(str(path))
        except RuntimeError as error:
            reason = " ".join(str(error).split())[-100:]
            raise InputError(f"{self._settings.file} cannot be read by Faiss: {reason}") from None
        self._by_distance = self._index.metric_type == faiss.METRIC_L2
        if not self._by_distance and self._index.metric_type != faiss.METRIC_INNER_PRODUCT:
            raise InputError(
                f"{self._settings.file} searches by neither inner product nor Euclidean distance"
            )
        self._chain: tuple[Any, ...] = ()
        self._factor = 0.0
        independent = None
        core = self._index
        while True:
            core = faiss.downcast_index(core)
            if isinstance(core, faiss.IndexPreTransform):
                steps = (core.chain.at(i) for i in range(core.chain.size()))
                self._chain += tuple(faiss.downcast_VectorTransform(step) for step in steps)
                core = core.index
            elif isinstance(core, faiss.IndexIVFIndependentQuantizer):
                independent, self._routed = core, len(self._chain)
                self._chain += (faiss.downcast_VectorTransform(core.vt),) if core.vt else ()
                core = core.index_ivf
            elif isinstance(core, faiss.IndexIDMap):
                core = core.index
            elif isinstance(core, faiss.IndexRefine):
                self._factor = float(core.k_factor)
                core = core.base_index
            else:
                break
        kinds = (faiss.IndexIVF, faiss.IndexHNSW, faiss.IndexFlatCodes)
        if not isinstance(core, kinds):
            raise InputError(
                f"{self._settings.file} is an {type(core).__name__}, and what it visits is not "
                "known; ehibench measures flat indexes, inverted files and HNSW"
            )
        self._core = core
        if independent is None:
            self._lists, self._routed = core, len(self._chain)
        else:  # its own quantizer finds the lists, before its transform
            self._lists = independent

    def _set_effort(self, effort: int) -> None:
        import faiss

        if isinstance(self._core, faiss.IndexIVF):
            self._core.nprobe = effort
        elif isinstance(self._core, faiss.IndexHNSW):
            self._core.hnsw.efSearch = effort
        self._effort = effort

    @cached_property
    def _graph(self) -> Any:
        return graph_of(self._core)


def _scanned_in_lists(core: Any, queries: Array) -> NDArray[np.int64]:
    """Return how many entries an inverted file scores for each query, by Faiss's counter.

    It counts a document once for each list that has it.
    """
    import faiss

    visited = np.zeros(len(queries), dtype=np.int64)
    for row, query in enumerate(queries[:, None]):
        faiss.cvar.indexIVF_stats.reset()
        core.search(query, 1)
        visited[row] = faiss.cvar.indexIVF_stats.ndis
    return visited


def _scan_macs(core: Any, visited: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the multiply-adds (queries,) to score what was visited."""
    per_document, per_query = int(core.d), 0
    if hasattr(core, "pq"):
        per_document, per_query = int(core.pq.M), int(core.pq.ksub * core.d)
    return visited * per_document + per_query
