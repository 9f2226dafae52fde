"""Search of posting lists with a beam by mass."""

import numpy as np
from numpy.typing import NDArray

from methods.base import Array, Cost, Hits, Positions, Router
from methods.forms.form import Form
from methods.forms.rescoring import rescored
from methods.postings.mass_beam import Ranking
from methods.postings.posting_lists import PostingLists


class MassSearch:
    """Finds the near lists of each query, scans them by Faiss, and rescores if the form does.

    Lists are ranked by Faiss's quantizer, or by a `router` that Faiss cannot compute. `documents`
    (documents, dimensions) are those that rescore.
    """

    def __init__(
        self, postings: PostingLists, form: Form, documents: Array, router: Router | None = None
    ) -> None:
        self._postings = postings
        self._form = form
        self._documents = documents
        self._reads_scanned = router is None and not postings.routes_whole
        self._ranking = postings.ranking() if router is None else _ranking_of(router)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` entries of the near lists of queries (n, dimensions)."""
        scanned = self._postings.transformed(queries)
        lists, scores = self._ranking.near(scanned if self._reads_scanned else queries, effort)
        hits = self._postings.search_scanned(scanned, self._form.depth(k), lists, scores)
        return rescored(hits.ids, queries, self._documents, k) if self._form.rescore else hits

    def cost(self, queries: Array, k: int, effort: int) -> Cost:
        """Return what `search` costs."""
        route = self._ranking.near_macs(self._read(queries), effort)
        return self._postings.cost(queries, k, self.reached(queries, effort), route)

    def reached(self, queries: Array, effort: int) -> Positions:
        """Return the near lists (n, width), -1 for none."""
        return self._ranking.near(self._read(queries), effort)[0]

    def _read(self, queries: Array) -> Array:
        """Return queries (n, dimensions) as lists are ranked for them."""
        return self._postings.transformed(queries) if self._reads_scanned else queries


def _ranking_of(router: Router) -> Ranking:
    """Return the ranking of all leaves by their log-probabilities."""

    def macs(vectors: Array, count: int) -> NDArray[np.int64]:
        return np.full(len(vectors), router.macs(count), dtype=np.int64)

    return Ranking(router.beam, macs, router.leaves, router.leaves)
