"""Posting lists in a Faiss inverted file, searched and kept up to date as documents come and go."""

from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from methods.base import Array, Cost, Hits, Positions
from methods.errors import InputError
from methods.forms.form import Form
from methods.forms.layers import Layers
from methods.forms.list_entries import append, as_ids, check_vectors, entries, list_sizes
from methods.postings.coarse_quantizer import every_score, reach, routing_macs
from methods.postings.mass_beam import FIRST_RANKED, Ranking
from methods.postings.membership import distinct_documents, membership

if TYPE_CHECKING:
    from scipy import sparse


Place = Callable[[Array], tuple[Array, Positions]]
"""Returns what is stored of vectors (n, dimensions), and their lists (n, copies)."""


class PostingLists:
    """Inverted lists of what a form scans, where `place` puts new documents.

    By default a document is stored as it is, in the list that Faiss finds nearest. The Faiss index
    is the whole state; counts derived from it are cached until the next change. Nobody else touches
    it.
    """

    def __init__(self, layers: Layers, form: Form, place: Place | None = None) -> None:
        self._layers = layers
        self._index = layers.core
        self._form = form
        self._place = place or (lambda vectors: (vectors, self.nearest_lists(vectors, 1)))
        self._probes: int | None = None

    def __len__(self) -> int:
        """Return the number of lists."""
        return int(self._index.nlist)

    def write(self, path: Path) -> None:
        """Write the lists in Faiss's format."""
        self._layers.write(path)

    def to_faiss(self, k: int, probes: int) -> Any:
        """Return the Faiss index itself, set to search `probes` lists for `k` documents."""
        self._reach(probes)
        return self._layers.to_faiss(k)

    def transformed(self, vectors: Array) -> Array:
        """Return vectors (n, dimensions) as they are scanned."""
        return self._layers.transformed(vectors)

    @property
    def routes_whole(self) -> bool:
        """Whether Faiss finds lists by whole vectors, before they are transformed."""
        return self._layers.routes_whole

    def ranking(self) -> Ranking:
        """How Faiss ranks lists, by whole vectors or as they are scanned."""
        quantizer, lists = self._layers.quantizer, len(self)
        score = every_score(quantizer)
        if score is None:
            return Ranking(self._ranked, self._ranking_macs, lists, min(FIRST_RANKED, lists))
        return Ranking.of_scores(score, partial(routing_macs, quantizer), lists)

    def nearest_lists(self, vectors: Array, count: int) -> Positions:
        """Return the `count` lists (n, count) that Faiss finds nearest to each vector.

        A graph over the lists may find fewer; the rest is -1.
        """
        return self._ranked(self._layers.routed(vectors), count)[0]

    def search(self, queries: Array, k: int, probes: int) -> Hits:
        """Return the best `k` entries of the `probes` lists nearest to each query (n, dimensions).

        A document is returned once per copy.
        """
        if probes != self._probes:
            self._reach(probes)
        return self._layers.search(queries, k)

    def search_in(self, queries: Array, k: int, lists: Positions, list_scores: Array) -> Hits:
        """Return the best `k` entries of the given `lists` (n, probes), without rescoring.

        `list_scores` (n, probes) are the scores of the lists, which Faiss asks for.
        """
        return self.search_scanned(self.transformed(queries), k, lists, list_scores)

    def search_scanned(self, scanned: Array, k: int, lists: Positions, list_scores: Array) -> Hits:
        """Return what `search_in` does, for queries that are transformed already."""
        if lists.shape[1] != self._probes:
            self._reach(lists.shape[1])
        scores, ids = self._index.search_preassigned(scanned, k, lists, list_scores)
        return Hits(ids, scores)

    def documents_in(self, lists: Positions) -> list[Positions]:
        """Return the ids in the `lists` (n, probes) of each query, -1 for none; copies repeat."""
        ends = np.cumsum(self.sizes)
        held = np.split(entries(self._index, self.sizes), ends[:-1])
        return [np.concatenate([held[each] for each in row if each >= 0]) for row in lists.tolist()]

    def cost(
        self, queries: Array, k: int, lists: Positions, route: NDArray[np.int64] | None = None
    ) -> Cost:
        """Return the cost of scanning the `lists` (n, probes) of each query, -1 for none.

        Each copy that is scored costs its multiply-adds, but counts as one document. `route` (n,)
        are the multiply-adds that chose the lists, by default those of Faiss.
        """
        reached = lists >= 0
        sizes = np.where(reached, self.sizes[lists], 0)
        has_copies = len(self.ids) < int(self.sizes.sum())
        scored = sizes.sum(axis=1)
        visited = distinct_documents(self._members, lists) if has_copies else scored
        macs = self._form.multiplications(self._index.d)
        scan = scored * macs.document + macs.query + (sizes > 0).sum(axis=1) * macs.posting
        scan += self._form.rescoring_macs(scored, k, queries.shape[1])  # copies are, too
        if route is None:
            routed = self._layers.routed(queries)
            route = routing_macs(self._layers.quantizer, routed, lists.shape[1])
        return Cost(visited, scan, route + self._layers.transform_macs)

    def add(self, ids: Positions, vectors: Array) -> None:
        """Put documents (n, dimensions) with new ids (n,) into the lists they belong in.

        Raise InputError, with nothing changed, if an id is not new or the vectors do not fit.
        """
        self._layers.check_changeable()
        ids = as_ids(ids)
        check_vectors(vectors, len(ids), self._layers.dimensions)
        known = self._contains(ids)
        if known.any():
            raise InputError(f"document {ids[known][0]} is in the index already; remove it first")
        self._layers.check_new(ids)
        stored, lists = self._place(vectors)
        append(self._index, ids, self._layers.transformed(stored), lists)
        self._layers.add_whole(stored)
        new = np.sort(ids)
        self.ids = np.insert(self.ids, np.searchsorted(self.ids, new), new)
        self._forget_counts()

    def remove(self, ids: Positions) -> None:
        """Remove documents from all their lists.

        Raise InputError, with nothing changed, if one is not in the index.
        """
        self._layers.check_changeable()
        ids = as_ids(ids)
        absent = ~self._contains(ids)
        if absent.any():
            raise InputError(f"document {ids[absent][0]} is not in the index")
        self._index.remove_ids(ids)
        self.ids = np.delete(self.ids, np.searchsorted(self.ids, ids))
        self._forget_counts()

    @cached_property
    def ids(self) -> Positions:
        """The distinct ids of the documents, in ascending order."""
        return np.unique(entries(self._index, self.sizes))

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """The number of entries in each list."""
        return list_sizes(self._index)

    def _ranked(self, routed: Array, count: int) -> tuple[Positions, Array]:
        """Return the `count` lists (n, count) that Faiss finds nearest, and their scores."""
        self._reach(count)
        scores, lists = self._layers.quantizer.search(routed, count)
        return lists, scores

    def _ranking_macs(self, routed: Array, count: int) -> NDArray[np.int64]:
        self._reach(count)
        return routing_macs(self._layers.quantizer, routed, count)

    def _reach(self, probes: int) -> None:
        """Tell Faiss how many lists to search; setting it takes two microseconds."""
        reach(self._index, self._layers.quantizer, probes)
        self._probes = probes

    def _contains(self, ids: Positions) -> NDArray[np.bool_]:
        first, end = (np.searchsorted(self.ids, ids, side) for side in ("left", "right"))
        return first < end

    @cached_property
    def _members(self) -> "sparse.csr_array":
        documents = np.searchsorted(self.ids, entries(self._index, self.sizes))
        return membership(documents, self.sizes, len(self.ids))

    def _forget_counts(self) -> None:
        for name in ("sizes", "_members"):
            self.__dict__.pop(name, None)
