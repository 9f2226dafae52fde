"""Posting lists that torch searches on any device, and that change as documents come and go."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from methods.base import Array, Cost, Hits, Positions
from methods.devices import SearchPlace
from methods.engines.inverted_lists import InvertedLists
from methods.engines.nearest import as_hits, as_tensor
from methods.engines.routes import Route
from methods.engines.scan import search_lists
from methods.engines.scorers import scorer_for
from methods.errors import InputError
from methods.forms.list_entries import as_ids, check_vectors
from methods.postings.membership import distinct_documents, membership
from methods.postings.posting_lists import Place

if TYPE_CHECKING:
    from scipy import sparse


class TorchPostings:
    """Inverted lists that a route chooses, searched on one device.

    Queries come from main memory and hits go there, so a search includes both transfers.
    """

    def __init__(
        self, lists: InvertedLists, route: Route, search_place: SearchPlace, place: Place
    ) -> None:
        """Move the lists to the device of `search_place`, as vectors of its type.

        `route` chooses the lists of a query. `place` returns what is stored of new documents
        (n, dimensions), and their lists (n, copies).
        """
        self._device = search_place.device
        self._dtype = getattr(torch, TORCH_NAMES[search_place.dtype])
        self._route = route
        self._place = place
        self._scorer = scorer_for(search_place.device)
        self._keep(lists)

    def __len__(self) -> int:
        """Return the number of lists."""
        return len(self.lists)

    def write(self, path: Path) -> None:
        """Write the lists as safetensors."""
        self.lists.save(path)

    def search(self, queries: Array, k: int, probes: int) -> Hits:
        """Return the best `k` entries of the `probes` lists that each query (n, m) is led to."""
        with torch.inference_mode():
            return as_hits(*self.search_on_device(self.moved(queries), k, probes), k)

    def search_on_device(
        self, queries: torch.Tensor, k: int, probes: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return scores and ids (n, k) on the device that the queries (n, m) are on."""
        probed = self._route(queries, probes)
        return search_lists(self.lists, queries, probed, k, self._scorer)

    def search_in(self, queries: Array, k: int, lists: Positions, list_scores: Array) -> Hits:
        """Return the best `k` entries of the given `lists` (n, probes), -1 for none."""
        with torch.inference_mode():
            moved, probed = self.moved(queries), torch.from_numpy(lists).to(self._device)
            return as_hits(*search_lists(self.lists, moved, probed, k, self._scorer), k)

    def moved(self, queries: Array) -> torch.Tensor:
        """Return queries (n, m) on the device."""
        return as_tensor(queries).to(self._device)

    def nearest_lists(self, vectors: Array, count: int) -> Positions:
        """Return the `count` lists (n, count) that each vector is led to."""
        with torch.inference_mode():
            lists: Positions = self._route(self.moved(vectors), count).cpu().numpy()
        return lists

    def documents_in(self, lists: Positions) -> list[Positions]:
        """Return the ids in the `lists` (n, probes) of each query; copies repeat."""
        held = np.split(self.lists.ids.cpu().numpy(), np.cumsum(self.sizes)[:-1])
        return [np.concatenate([held[each] for each in row]) for row in lists.tolist()]

    def cost(
        self, queries: Array, k: int, lists: Positions, route: NDArray[np.int64] | None = None
    ) -> Cost:
        """Return the cost of scanning the `lists` (n, probes) of each query.

        Each copy that is scored costs its multiply-adds, but counts as one document. `route` (n,)
        are the multiply-adds that chose the lists, by default those of the route.
        """
        scored = self.sizes[lists].sum(axis=1)
        has_copies = len(self.ids) < len(self.lists.ids)
        visited = distinct_documents(self._members, lists) if has_copies else scored
        if route is None:
            route = np.full(len(queries), self._route.macs(lists.shape[1]), dtype=np.int64)
        return Cost(visited, scored * self.lists.vectors.shape[1], route)

    def add(self, ids: Positions, vectors: Array) -> None:
        """Put documents (n, dimensions) with new ids (n,) into the lists they belong in.

        Raise InputError, with nothing changed, if an id is not new or the vectors do not fit.
        """
        ids = as_ids(ids)
        check_vectors(vectors, len(ids), self.lists.vectors.shape[1])
        known = np.isin(ids, self.ids)
        if known.any():
            raise InputError(f"document {ids[known][0]} is in the index already; remove it first")
        stored, lists = self._place(vectors)
        copies = lists.shape[1]
        self._refill(
            np.concatenate([self.lists.vectors.float().cpu().numpy(), stored.repeat(copies, 0)]),
            np.concatenate([self.lists.ids.cpu().numpy(), ids.repeat(copies)]),
            np.concatenate([self.lists.list_of_entries(), lists.ravel()]),
        )

    def remove(self, ids: Positions) -> None:
        """Remove documents from all their lists.

        Raise InputError, with nothing changed, if one is not in the index.
        """
        ids = as_ids(ids)
        absent = ~np.isin(ids, self.ids)
        if absent.any():
            raise InputError(f"document {ids[absent][0]} is not in the index")
        entries = self.lists.ids.cpu().numpy()
        kept = ~np.isin(entries, ids)
        vectors = self.lists.vectors.float().cpu().numpy()
        self._refill(vectors[kept], entries[kept], self.lists.list_of_entries()[kept])

    def to_faiss(self, k: int, probes: int) -> Any:
        """Raise InputError: these lists are no index of Faiss."""
        raise InputError(
            "these lists are searched by torch; load the index with --search-device cpu, where "
            "Faiss is installed"
        )

    @cached_property
    def ids(self) -> Positions:
        """The distinct ids of the documents, in ascending order."""
        return np.unique(self.lists.ids.cpu().numpy())

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """The number of entries in each list."""
        sizes: NDArray[np.int64] = self.lists.sizes.cpu().numpy()
        return sizes

    @cached_property
    def _members(self) -> "sparse.csr_array":
        documents = np.searchsorted(self.ids, self.lists.ids.cpu().numpy())
        return membership(documents, self.sizes, len(self.ids))

    def _refill(self, vectors: Array, ids: Positions, lists: Positions) -> None:
        self._keep(InvertedLists.filled(vectors, ids, lists[:, None], len(self.lists)))
        for name in ("ids", "sizes", "_members"):
            self.__dict__.pop(name, None)

    def _keep(self, lists: InvertedLists) -> None:
        self.lists = lists.to(self._device, self._dtype)


TORCH_NAMES = {"fp32": "float32", "fp16": "float16", "bf16": "bfloat16"}
