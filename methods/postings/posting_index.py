"""The base class of indexes that keep their documents in posting lists."""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from methods.base import Array, Cost, Hits, Index, Positions, Router
from methods.errors import InputError
from methods.forms.form import Form
from methods.forms.rescoring import rescored
from methods.postings.mass_beam import EFFORTS, Beam, Ranking
from methods.postings.posting_lists import PostingLists


class PostingIndex(Index[Array]):
    """An index with posting lists, to which documents can be added without retraining.

    `router` is the learned tree that routes a query to lists, if there is one; if Faiss
    `routes_itself`, its quantizer does. A document is in `copies` lists.
    """

    postings: PostingLists
    router: Router | None = None
    routes_itself: bool = True
    copies: int = 1
    beam: Beam = "fixed"
    _form: Form
    _documents: Array
    """What rescores, unless Faiss does."""

    def efforts(self, k: int) -> range:
        """Return the numbers of lists from one to all, or those of the gaps of a beam by mass."""
        return range(1, (EFFORTS if self.beam == "mass" else len(self.postings)) + 1)

    def to_faiss(self, k: int, effort: int) -> Any:
        """Return a Faiss index that finds for vectors (n, dimensions) what `search` finds.

        It scans `effort` lists: those of its quantizer, or, if it does not route itself, those
        that `search_preassigned` is given. Raise InputError if Faiss has no such index.
        """
        if self.beam == "mass":
            raise InputError(
                "Faiss scans as many lists for every query, and so not those of a beam by mass; "
                "export an index with beam=fixed"
            )
        return self.postings.to_faiss(k, effort)

    def add(self, ids: Positions, documents: Array) -> None:
        """Put each document (n, dimensions) with its new id (n,) into the lists it belongs in."""
        if self.searches_documents:
            raise InputError(
                "this index rescores with the documents that it was built from; --set "
                f"{self._form.name}.rescore=0, or build the index again with the new ones"
            )
        self.postings.add(ids, documents)

    def remove(self, ids: Positions) -> None:
        """Remove documents from all their lists."""
        self.postings.remove(ids)

    def scored(self, documents: Array) -> Array:
        """Return the vectors (n, m) whose inner products are the scores of documents (n, m)."""
        return documents

    def reached(self, queries: Array, effort: int) -> Positions:
        """Return the lists that a search for queries (n, dimensions) scans, -1 for none.

        They are (n, effort), or (n, width) with a beam by mass.
        """
        if self.beam == "mass":
            return self.ranking.near(self._routed(queries), effort)[0]
        if self.routes_itself or self.router is None:
            return self.postings.nearest_lists(queries, effort)
        return self.router.beam(queries, effort)[0]

    def search_near(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` entries of the lists in the gap of an effort, rescored if need be."""
        scanned = self.postings.transformed(queries)
        routed = scanned if self.routes_itself else queries
        lists, scores = self.ranking.near(routed, effort)
        hits = self.postings.search_scanned(scanned, self._form.depth(k), lists, scores)
        return rescored(hits.ids, queries, self._documents, k) if self._form.rescore else hits

    def near_cost(self, queries: Array, k: int, effort: int) -> Cost:
        """Return what `search_near` costs."""
        route = self.ranking.near_macs(self._routed(queries), effort)
        return self.postings.cost(queries, k, self.reached(queries, effort), route)

    @cached_property
    def ranking(self) -> Ranking:
        """How lists are ranked: by Faiss for what is scanned, or by the router for queries."""
        router = self.router
        if self.routes_itself or router is None:
            return self.postings.ranking

        def macs(vectors: Array, count: int) -> NDArray[np.int64]:
            return np.full(len(vectors), router.macs(count), dtype=np.int64)

        return Ranking(router.beam, macs, router.leaves, router.leaves)

    def scanned(self, queries: Array, effort: int) -> list[Positions]:
        """Return the ids of the documents that a search for each query (n, dimensions) scans."""
        return self.postings.documents_in(self.reached(queries, effort))

    def posting_sizes(self) -> NDArray[np.int64]:
        """Return the number of entries in each list: each copy of a document counts."""
        return self.postings.sizes

    def _routed(self, queries: Array) -> Array:
        """Return queries (n, dimensions) as lists are ranked for them."""
        return self.postings.transformed(queries) if self.routes_itself else queries
