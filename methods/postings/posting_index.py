"""The base class of indexes that keep their documents in posting lists."""

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from methods.base import Array, Cost, Hits, Index, Positions, Router
from methods.errors import InputError
from methods.forms.form import Form
from methods.postings.mass_beam import EFFORTS
from methods.postings.mass_search import MassSearch


class Postings(Protocol):
    """Posting lists of any engine: `PostingLists` of Faiss, or `TorchPostings`."""

    def __len__(self) -> int:
        """Return the number of lists."""
        ...

    @property
    def sizes(self) -> NDArray[np.int64]:
        """The number of entries in each list."""
        ...

    def write(self, path: Path) -> None:
        """Write the lists to a file."""
        ...

    def search(self, queries: Array, k: int, probes: int) -> Hits:
        """Return the best `k` entries of the `probes` lists nearest to each query (n, m)."""
        ...

    def search_in(self, queries: Array, k: int, lists: Positions, list_scores: Array) -> Hits:
        """Return the best `k` entries of the given `lists` (n, probes)."""
        ...

    def nearest_lists(self, vectors: Array, count: int) -> Positions:
        """Return the `count` lists (n, count) nearest to each vector."""
        ...

    def documents_in(self, lists: Positions) -> list[Positions]:
        """Return the ids in the `lists` (n, probes) of each query."""
        ...

    def cost(
        self, queries: Array, k: int, lists: Positions, route: NDArray[np.int64] | None = None
    ) -> Cost:
        """Return the cost of scanning the `lists` (n, probes) of each query."""
        ...

    def add(self, ids: Positions, vectors: Array) -> None:
        """Put documents (n, dimensions) with new ids (n,) into the lists they belong in."""
        ...

    def remove(self, ids: Positions) -> None:
        """Remove documents from all their lists."""
        ...

    def to_faiss(self, k: int, probes: int) -> Any:
        """Return a Faiss index that searches `probes` lists for `k` documents."""
        ...


class PostingIndex(Index[Array]):
    """An index with posting lists, to which documents can be added without retraining.

    `router` is the learned tree that routes a query to lists, if there is one; if Faiss
    `routes_itself`, its quantizer does. A document is in `copies` lists. With a beam by mass,
    `by_mass` searches them.
    """

    postings: Postings
    router: Router | None = None
    routes_itself: bool = True
    copies: int = 1
    by_mass: MassSearch | None = None
    _form: Form

    def efforts(self, k: int) -> range:
        """Return the numbers of lists from one to all, or those of the gaps of a beam by mass."""
        return range(1, (EFFORTS if self.by_mass else len(self.postings)) + 1)

    def to_faiss(self, k: int, effort: int) -> Any:
        """Return a Faiss index that finds for vectors (n, dimensions) what `search` finds.

        It scans `effort` lists: those of its quantizer, or, if it does not route itself, those
        that `search_preassigned` is given. Raise InputError if Faiss has no such index.
        """
        if self.by_mass:
            raise InputError(
                "Faiss scans as many lists for every query, and so not those of a beam by mass; "
                "export an index with beam=fixed"
            )
        return self.postings.to_faiss(k, effort)

    def add(self, ids: Positions, documents: Array) -> None:
        """Put each document (n, dimensions) with its new id (n,) into the lists it belongs in."""
        if self.searches_documents:
            raise InputError(
                f"this index rescores with the documents that it was built from; --set "
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
        if self.by_mass:
            return self.by_mass.reached(queries, effort)
        return self.postings.nearest_lists(queries, effort)

    def scanned(self, queries: Array, effort: int) -> list[Positions]:
        """Return the ids of the documents that a search for each query (n, dimensions) scans."""
        return self.postings.documents_in(self.reached(queries, effort))

    def posting_sizes(self) -> NDArray[np.int64]:
        """Return the number of entries in each list: each copy of a document counts."""
        return self.postings.sizes
