"""A graph that is entered where lists found documents, instead of through its upper levels.

The lists find the region of a query cheaply, by codes; the graph finds what is around it. The graph
is Faiss's HNSW, of which only level 0 is searched (`search_level_0`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from methods.automatic import check_rule_range, multiples, neighbours_for, setting
from methods.base import Array, Cost, Hits, Index, Positions, Resources, Router
from methods.errors import InputError
from methods.forms.codes import PqForm, PqSettings, Sq8Form, Sq8Settings
from methods.forms.form import WHOLE, Form
from methods.indexes.faiss_hnsw import graph_of, linked, relinked
from methods.indexes.graph_search import check_next, sampled, search_base
from methods.indexes.tombstones import Tombstones
from methods.postings.posting_index import PostingIndex
from methods.settings import check_range

FILE = "graph.faiss"
FROM_ALL_STARTS = 2
"""Faiss's search type: one search from all starts, rather than one from each."""


@dataclass(frozen=True)
class StartedGraphSettings:
    """How the starts of a search are found, and the graph: M, efConstruction and its vectors.

    `beam` lists are scanned by codes of `dimensions_per_block`. The best `rescore` documents found
    are scored again with whole vectors, and the best `starts` of these are where a search starts.
    """

    beam: int = setting(8, menu=(8, 2, 4, 16), searched=True)
    dimensions_per_block: int = 8
    rescore: int = setting(8, searched=True)
    starts: int = setting(4, searched=True)
    neighbours: int = setting(16, auto=neighbours_for, menu=multiples(neighbours_for, (1, 0.5, 2)))
    ef_construction: int = setting(200, menu=(200, 100, 400))
    vectors: Literal["whole", "sq8"] = setting("whole", menu=("whole", "sq8"))

    def __post_init__(self) -> None:
        """Reject values that find no start or build no graph."""
        for key in ("beam", "dimensions_per_block", "rescore", "starts", "ef_construction"):
            check_range(f"graph.{key}", getattr(self, key), 1)
        check_rule_range("graph.neighbours", self.neighbours, 2)


class StartedGraph(Index[Array]):
    """Lists and a graph over the same documents; effort is efSearch, the candidates it keeps.

    `lists` find the starts, which count as candidates. Unlike a search from the upper levels, this
    one may keep fewer candidates than it returns, because the starts are already good.
    """

    def __init__(
        self,
        settings: StartedGraphSettings,
        resources: Resources,
        new_lists: Callable[[Form], PostingIndex],
    ) -> None:
        self._settings = settings
        self._parts = resources.parts
        codes = PqSettings(settings.dimensions_per_block, rescore=settings.rescore)
        self.lists = new_lists(PqForm(codes))
        self._ef: int | None = None
        self._starts, self._beam = settings.starts, settings.beam
        self._form = Sq8Form(Sq8Settings()) if settings.vectors == "sq8" else WHOLE

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Fill the lists with document vectors (documents, dimensions), and link the documents."""
        settings = self._settings
        self.lists.build(documents, seed, router)
        vectors = self.lists.scored(documents)
        graph = linked(self._parts, vectors, settings.neighbours, settings.ef_construction, seed)
        if self._form.is_codes:
            graph = relinked(graph, self._form, vectors, settings.neighbours, seed)
        self._keep(graph, Tombstones())

    def save(self, folder: Path) -> None:
        """Write the lists, and the graph in Faiss's format."""
        import faiss

        self.lists.save(folder)
        faiss.write_index(self._graph, str(folder / FILE))
        self._removed.write(folder)

    def load(self, folder: Path, documents: Array) -> None:
        """Read the lists and the graph; Faiss keeps a copy of the documents for the starts."""
        import faiss

        self.lists.load(folder, documents)
        self._keep(faiss.read_index(str(folder / FILE)), Tombstones.read(folder))

    def efforts(self, k: int) -> range:
        """Return efSearch from 1 to the number of documents."""
        return range(1, int(self._graph.ntotal) + 1)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents, then ids of -1 if fewer are reached."""
        if effort != self._ef:  # setting it takes most of a microsecond
            self._graph.hnsw.efSearch = self._ef = effort
            if self._parameters is not None:
                self._parameters.efSearch = effort
        found = self._found_starts(queries)
        starts = found.ids.astype(np.int32)
        ids = np.empty((len(queries), k), dtype=np.int64)
        scores = np.empty((len(queries), k), dtype=np.float32)
        pointer = self._pointer
        self._graph.search_level_0(
            len(queries),
            pointer(queries),
            k,
            pointer(starts),
            pointer(found.scores),
            pointer(scores),
            pointer(ids),
            self._starts,
            FROM_ALL_STARTS,
            self._parameters,
        )
        return Hits(ids, scores)

    def cost(self, queries: Array, k: int, effort: int) -> Cost:
        """Count what the lists scan, and, by replaying the search, what the graph scores.

        A document that both score is visited once, but takes multiply-adds in both. The graph
        scores removed documents like the others.
        """
        sample, counted = sampled(queries, effort)
        start = self.lists.cost(sample, self._starts, self._beam)
        found = self._found_starts(sample)
        scanned = self.lists.scanned(sample, self._beam)
        graph = graph_of(self._graph)
        visited = np.zeros(len(sample), dtype=np.int64)
        computed = np.zeros(len(sample), dtype=np.int64)
        for row, query in enumerate(sample):
            is_start = found.ids[row] >= 0
            starts, distances = found.ids[row][is_start], 1 - found.scores[row][is_start]
            _, scored, computed[row] = search_base(graph, query, starts, distances, effort)
            computed[row] += len(scanned[row]) == 0  # the graph's entry
            scored[scanned[row]] = True
            visited[row] = np.count_nonzero(scored)
        macs = self._form.multiplications(queries.shape[1])
        scan = start.scan_macs + macs.query + computed * macs.document
        return Cost(visited, scan, start.route_macs, counted is None, counted)

    def _found_starts(self, queries: Array) -> Hits:
        """Return the best starts (n, starts) in the lists of queries (n, dimensions), then -1.

        A query whose lists are all empty starts where Faiss enters the graph.
        """
        found = self.lists.search(queries, self._starts, self._beam)
        if -1 in found.ids[:, 0].tolist():  # for one query, ten times faster than numpy's minimum
            lost = found.ids[:, 0] < 0
            entry = self._graph.hnsw.entry_point
            found.ids[lost, 0] = entry
            found.scores[lost, 0] = queries[lost] @ self._graph.reconstruct(entry)
        return found

    def to_faiss(self, effort: int) -> tuple[Any, Any, int]:
        """Return Faiss's index of the lists, its graph, and how many starts to search for."""
        if self.lists.copies > 1:
            raise InputError(
                "a document in several lists would be several starts of Faiss's graph; export a "
                "cell with ivf.spilled=0 or tree.spilled=0"
            )
        if len(self._removed):
            raise InputError(
                "Faiss's graph still contains the removed documents and would return them; build "
                "the index again without them"
            )
        self._graph.hnsw.efSearch = self._ef = effort
        return self.lists.to_faiss(self._starts, self._beam), self._graph, self._starts

    def add(self, ids: Positions, documents: Array) -> None:
        """Add documents (n, dimensions) to the lists and the graph; a graph of codes cannot."""
        if self._form.is_codes:
            raise InputError(
                "a graph of codes cannot add documents; --set graph.vectors=whole, or build it "
                "again with them"
            )
        check_next(ids, self._graph.ntotal, documents, self._graph.d)
        self.lists.add(ids, documents)
        self._graph.add(self.lists.scored(documents))
        self._hide_removed()

    def remove(self, ids: Positions) -> None:
        """Remove documents (n,) from the lists, and leave them in the graph as tombstones.

        See methods/indexes/tombstones.py.
        """
        self.lists.remove(ids)
        self._removed.mark(ids, self._graph.ntotal)
        self._hide_removed()

    def posting_sizes(self) -> NDArray[np.int64]:
        """Return the number of entries in each list."""
        return self.lists.posting_sizes()

    def _keep(self, graph: Any, removed: Tombstones) -> None:
        import faiss

        if self.lists.by_mass:
            raise InputError(
                "a graph is entered from graph.beam lists, so their beam cannot be mass; "
                "--set ivf.beam=fixed or tree.beam=fixed"
            )
        self._graph, self._removed = graph, removed
        self._pointer = faiss.swig_ptr
        self.searches_documents = self.lists.searches_documents
        self._hide_removed()
        self._starts = min(self._starts, int(graph.ntotal))
        self._beam = min(self._beam, len(self.lists.postings))

    def _hide_removed(self) -> None:
        """Let searches of the graph go through the removed documents, but not return them."""
        self._parameters = self._removed.faiss_parameters(self._graph.ntotal)
        self._ef = None
