"""HNSW from Faiss on the dual encoder, searched with a list of efSearch candidates."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from methods.automatic import check_rule_range, multiples, neighbours_for, setting
from methods.base import Array, Cost, Hits, Index, Positions, Resources, Router
from methods.errors import InputError
from methods.forms.form import WHOLE, Form
from methods.forms.layers import Layers, transformed
from methods.indexes.graph_search import LayeredGraph, Nodes, check_next, graph_efforts, search_cost
from methods.indexes.tombstones import Tombstones
from methods.kept_parts import KeptParts
from methods.settings import check_range

FILE = "graph.faiss"


@dataclass(frozen=True)
class FaissHnswSettings:
    """M, the links of a document on each level (twice as many on level 0), and efConstruction."""

    neighbours: int = setting(16, auto=neighbours_for, menu=multiples(neighbours_for, (1, 0.5, 2)))
    ef_construction: int = setting(200, menu=(200, 100, 400))

    def __post_init__(self) -> None:
        """Reject values that build no graph: with one neighbour there are no levels."""
        check_rule_range("faiss_hnsw.neighbours", self.neighbours, 2)
        check_range("faiss_hnsw.ef_construction", self.ef_construction, 1)


class FaissHnswIndex(Index[Array]):
    """Faiss's HNSW with inner product; effort is efSearch, the candidates that are kept.

    Faiss inserts the documents on all its threads, in a different order each time, so the same
    seed gives the same levels but slightly different links. On one thread, builds are repeatable.
    """

    def __init__(
        self, settings: FaissHnswSettings, resources: Resources, form: Form = WHOLE
    ) -> None:
        self._settings = settings
        self._form = form
        self._parts = resources.parts
        self._ef: int | None = None

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Insert the document vectors (documents, dimensions) as scanned; Faiss keeps them."""
        settings = self._settings
        chain = self._form.transform(documents, router)
        scanned = transformed(chain, documents)
        core = linked(self._parts, scanned, settings.neighbours, settings.ef_construction, seed)
        if self._form.is_codes:
            core = relinked(core, self._form, scanned, settings.neighbours, seed)
        self._keep(Layers(core, chain, self._form.rescore, documents), Tombstones())

    def save(self, folder: Path) -> None:
        """Write the graph and what it scans in Faiss's format."""
        self._layers.write(folder / FILE)
        self._removed.write(folder)

    def load(self, folder: Path, documents: Array) -> None:
        """Read the graph; with rescoring, Faiss keeps a copy of the documents."""
        layers = Layers.read(folder / FILE, self._form.rescore, documents)
        self._keep(layers, Tombstones.read(folder))

    def add(self, ids: Positions, documents: Array) -> None:
        """Insert documents (n, dimensions) after the others. Raise InputError if codes are scanned.

        Links are chosen by whole or short vectors, which a graph of codes no longer has.
        """
        if self._form.is_codes:
            raise InputError(
                f"a graph of codes cannot add documents; build faiss-hnsw+{self._form.name} again "
                "with them"
            )
        core = self._layers.core
        check_next(ids, core.ntotal, documents, self._layers.dimensions)
        core.add(self._layers.transformed(documents))
        self._layers.add_whole(documents)
        self._hide_removed()

    def remove(self, ids: Positions) -> None:
        """Leave documents (n,) in the graph as tombstones. See methods/indexes/tombstones.py."""
        self._removed.mark(ids, self._layers.core.ntotal)
        self._hide_removed()

    def efforts(self, k: int) -> range:
        """Return efSearch from what is returned or rescored to the number of documents."""
        return graph_efforts(self._form.depth(k), self._layers.core.ntotal)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents, then ids of -1 if fewer are reached."""
        if effort != self._ef:  # setting it takes most of a microsecond
            self._layers.core.hnsw.efSearch = self._ef = effort
            if self._parameters is not None:
                self._parameters.efSearch = effort
        return self._layers.search(queries, k)

    def cost(self, queries: Array, k: int, effort: int) -> Cost:
        """Count by replaying the searches on the graph. See `search_cost`.

        Faiss's own counter, `hnsw_stats.ndis`, counts documents again on every level and leaves
        out the entry point; otherwise the two agree. A removed document is scored like the others.
        """
        layers = self._layers
        kept = max(effort, self._form.depth(k))
        macs = self._form.multiplications(layers.core.d)
        cost = search_cost(graph_of(layers.core), layers.transformed(queries), kept, macs.document)
        rescoring = self._form.rescoring_macs(cost.visited, k, layers.dimensions)
        return replace(
            cost,
            scan_macs=cost.scan_macs + macs.query + rescoring,
            # The replay follows hnswlib, which scores the node where it enters level 0 once more.
            route_macs=cost.route_macs - macs.document + layers.transform_macs,
        )

    def _keep(self, layers: Layers, removed: Tombstones) -> None:
        self._layers = layers
        self._removed = removed
        self._hide_removed()

    def _hide_removed(self) -> None:
        """Let searches go through the removed documents, but not return them."""
        self._parameters = self._removed.faiss_parameters(self._layers.core.ntotal)
        self._layers.set_core_parameters(self._parameters)
        self._ef = None


def linked(
    parts: KeptParts, vectors: Array, neighbours: int, ef_construction: int, seed: int
) -> Any:
    """Return a Faiss IndexHNSW of vectors (documents, dimensions).

    Indexes of the same vectors have the same links, and `parts` keeps these.
    """
    import faiss

    def link() -> Any:
        graph = WHOLE.graph(vectors, neighbours, seed)
        graph.hnsw.efConstruction = ef_construction
        graph.hnsw.rng = faiss.RandomGenerator(seed)
        graph.add(vectors)
        return graph

    return parts.get(
        "links",
        vectors,
        {"neighbours": neighbours, "ef_construction": ef_construction, "seed": seed},
        link,
        lambda graph, path: faiss.write_index(graph, str(path), faiss.IO_FLAG_SKIP_STORAGE),
        lambda path: relinked(faiss.read_index(str(path)), WHOLE, vectors, neighbours, seed),
    )


def relinked(graph: Any, form: Form, vectors: Array, neighbours: int, seed: int) -> Any:
    """Return a graph over what a form scans of vectors (documents, dimensions), linked as `graph`.

    Faiss itself would link documents by their codes. It compares product codes with each other by
    squared distances even if searches use inner products, which leaves many unreachable.
    """
    other = form.graph(vectors, neighbours, seed)
    other.storage.add(vectors)
    other.hnsw, other.ntotal = graph.hnsw, graph.ntotal
    return other


def graph_of(index: Any) -> LayeredGraph:
    """Return the graph of a Faiss IndexHNSW, valid as long as the index exists.

    Its vectors are views of the index's own, or, if the index stores codes, the decoded vectors.
    """
    import faiss

    hnsw, nodes = index.hnsw, index.ntotal
    storage = faiss.downcast_index(index.storage)
    links = faiss.rev_swig_ptr(hnsw.neighbors.data(), hnsw.neighbors.size())
    starts = faiss.rev_swig_ptr(hnsw.offsets.data(), hnsw.offsets.size())
    levels = faiss.vector_to_array(hnsw.cum_nneighbor_per_level).tolist()
    if isinstance(storage, faiss.IndexFlat):
        vectors = faiss.rev_swig_ptr(storage.get_xb(), nodes * index.d)
    else:
        vectors = storage.reconstruct_n(0, nodes)

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
