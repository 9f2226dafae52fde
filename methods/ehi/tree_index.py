"""The index of EHI: one Faiss inverted list of documents per leaf, routed by the tree."""

from pathlib import Path
from typing import Any

import numpy as np

from methods.base import Array, Cost, Hits, Positions, Resources, Router
from methods.ehi.list_router import load_router
from methods.ehi.settings import TreeSettings
from methods.engines.faiss_lists import lists_to_faiss
from methods.engines.inverted_lists import FILE as LISTS
from methods.engines.inverted_lists import InvertedLists
from methods.errors import InputError
from methods.forms.form import WHOLE, Form
from methods.forms.layers import Layers, transformed
from methods.forms.rescoring import rescored
from methods.forms.short import linear_transform
from methods.indexes.fused_vectors import fused
from methods.postings.coarse_quantizer import coarse_quantizer
from methods.postings.lists_on_disk import write_lists
from methods.postings.mass_search import MassSearch
from methods.postings.membership import list_means
from methods.postings.memory_limit import MemoryLimit
from methods.postings.posting_index import PostingIndex
from methods.postings.posting_lists import PostingLists
from methods.postings.spilling import CANDIDATES, spilled, without_repeats

POSTINGS, ROUTER = "postings.faiss", "router.safetensors"


class TreeIndex(PostingIndex):
    """A Faiss inverted file whose lists are the leaves of the tree; effort is the beam's width.

    With a beam by mass, effort is the number of a gap instead (`mass_beam.gap_of`).

    A linear router becomes Faiss's quantizer, so that a search is a single call, as with IVF. The
    leaves of any other router are passed to `search_preassigned`, which IVF calls internally.
    """

    router: Router

    def __init__(self, settings: TreeSettings, resources: Resources, form: Form = WHOLE) -> None:
        self._settings = settings
        self._form = form
        self._fusion = settings.fusion
        self._memory = resources.memory
        self.copies = settings.spilled + 1

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Assign each document vector (documents, dimensions) to its leaves."""
        if router is None:
            raise InputError("a tree index needs a trainer that learns a tree, such as ehi")
        if self.copies > router.leaves:
            raise InputError(
                f"tree.spilled is {self.copies - 1}, but the tree has {router.leaves} leaves; "
                "--set tree.spilled=0"
            )
        self._keep(self._interpolated(router, documents))
        if self._memory is not None and self._form is WHOLE:
            self._fill_on_disk(documents, seed, self._memory)
            return
        lists = self._assign(documents)
        self._documents = self._fused(documents, lists)
        self._fill(self._documents, lists, seed)

    def save(self, folder: Path) -> None:
        """Write the router and the postings."""
        self.postings.write(folder / POSTINGS)
        self.router.save(folder / ROUTER)

    def load(self, folder: Path, documents: Array) -> None:
        """Read the router and the postings; with rescoring the documents are searched as well."""
        self._keep(load_router(folder / ROUTER))
        self._documents = self.scored(documents) if self._form.rescore else documents
        if (folder / LISTS).is_file():  # filled by torch
            entries, _ = InvertedLists.load(folder / LISTS)
            lists = entries.list_of_entries()[:, None]
            quantizer = self._quantizer((), entries.vectors.numpy(), lists)
            self._keep_postings(Layers(lists_to_faiss(entries, quantizer)))
        else:
            mapped = self._memory is not None
            layers = Layers.read(folder / POSTINGS, self._form.rescore, self._whole, mapped)
            self._keep_postings(layers)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents of the leaves that each query's beam ends in."""
        found = k * self.copies
        if self.by_mass:
            hits = self.by_mass.search(queries, found, effort)
        elif self.routes_itself:
            hits = self.postings.search(queries, found, effort)
        else:
            leaves, probabilities = self.router.beam(queries, effort)
            depth = self._form.depth(found)
            hits = self.postings.search_in(queries, depth, leaves, probabilities)
            if self._form.rescore:
                hits = rescored(hits.ids, queries, self._documents, found)
        return without_repeats(hits.ids, hits.scores, k) if self.copies > 1 else hits

    def to_faiss(self, k: int, effort: int) -> Any:
        """Return the postings, where need be between the transform and the whole vectors."""
        if not self.routes_itself and (self._form.rescore or self._form is not WHOLE):
            raise InputError(
                f"Faiss cannot search the leaves of this tree by +{self._form.name}, because it "
                "does not choose them itself; a tree with ehi.height=1 and ehi.mixer=none, or "
                "without this form, is exported"
            )
        return super().to_faiss(k, effort)

    def cost(self, queries: Array, k: int, effort: int) -> Cost:
        """Count the distinct documents of the beam's leaves; each copy scored costs its MACs."""
        found = k * self.copies
        if self.by_mass:
            return self.by_mass.cost(queries, found, effort)
        leaves = self.reached(queries, effort)
        if self.routes_itself:
            return self.postings.cost(queries, found, leaves)
        route = np.full(len(queries), self.router.macs(effort), dtype=np.int64)
        return self.postings.cost(queries, found, leaves, route)

    def reached(self, queries: Array, effort: int) -> Positions:
        """Return the leaves that each query's beam ends in."""
        if self.routes_itself or self.by_mass:
            return super().reached(queries, effort)
        return self.router.beam(queries, effort)[0]

    def scored(self, documents: Array) -> Array:
        """Return the vectors (n, m) whose inner products are the scores of documents (n, m)."""
        if not self._fusion:
            return np.ascontiguousarray(documents)  # a mapped matrix stays mapped
        return self._fused(documents, self.router.assign(documents, 1))

    def _interpolated(self, router: Router, documents: Array) -> Router:
        """Return the router, moved towards the centroids of the leaves it puts documents in."""
        share = self._settings.centroid_share
        if not share:
            return router
        leaves = router.assign(documents, 1)[:, 0]
        moved = router.interpolated(list_means(documents, leaves, router.leaves), share)
        if moved is None:
            raise InputError(
                f"tree.centroid_share is {share}, which needs a tree with ehi.height=1 and "
                "ehi.mixer=none; --set tree.centroid_share=0"
            )
        return moved

    def _keep(self, router: Router) -> None:
        self.router = router
        self.routes_itself = router.linear_weights() is not None and not self._form.of_residuals
        in_one_call = self.routes_itself and self._settings.beam == "fixed"
        self.searches_documents = self._form.rescore > 0 and not in_one_call

    def _fused(self, documents: Array, lists: Positions) -> Array:
        """Return the vectors of documents (n, m) in their leaves (n, copies), fused if wanted."""
        return fused(documents, lists[:, 0], self.router, self._fusion, "tree.fusion")

    @property
    def _whole(self) -> Array | None:
        """The documents, if Faiss rescores."""
        return None if self.searches_documents else self._documents

    def _fill(self, documents: Array, lists: Positions, seed: int) -> None:
        """Put document vectors (n, m), as scored, into their lists (n, copies)."""
        chain = self._form.transform(documents, self.router)
        scanned = transformed(chain, documents)
        quantizer = self._quantizer(chain, scanned, lists)
        core = self._form.filled(quantizer, self.router.leaves, scanned, lists, seed)
        by_whole = quantizer if self._form.lists_by_whole and self.routes_itself else None
        layers = Layers(core, chain, self._form.rescore, self._whole, quantizer=by_whole)
        self._keep_postings(layers)

    def _fill_on_disk(self, documents: Array, seed: int, memory: MemoryLimit) -> None:
        """Assign and store whole vectors (n, m) as `build` does, in a limited memory."""
        self._documents = documents  # not searched, since nothing is rescored
        quantizer = self._quantizer((), documents, np.empty((0, self.copies), dtype=np.int64))
        empty = self._form.lists(quantizer, self.router.leaves, documents, seed)
        file = memory.folder / POSTINGS
        write_lists(file, empty, documents, self._assign, self.copies, memory, self._fused)
        self._keep_postings(Layers.read(file, mapped=True))

    def _keep_postings(self, layers: Layers) -> None:
        self.postings = postings = PostingLists(layers, self._form, self._place_new)
        if self._settings.beam == "mass":
            router = None if self.routes_itself else self.router
            self.by_mass = MassSearch(postings, self._form, self._documents, router)

    def _place_new(self, documents: Array) -> tuple[Array, Positions]:
        lists = self._assign(documents)
        return self._fused(documents, lists), lists

    def _assign(self, documents: Array) -> Positions:
        """Return the best leaf and further ones (n, copies) of documents (n, dimensions)."""
        directions = self.router.directions() if self.copies > 1 else None
        if directions is None:
            return self.router.assign(documents, self.copies)
        ranked = self.router.assign(documents, min(CANDIDATES, self.router.leaves))
        return spilled(documents, ranked, directions, self.copies)

    def _quantizer(self, chain: tuple[Any, ...], scanned: Array, lists: Positions) -> Any:
        """Return a Faiss index that ranks the leaves for a query as a linear router does.

        It ranks by whole vectors, projected to P^T u if the router is. If short vectors find the
        lists, it ranks by P^T u if that is what is scanned, else by the leaves' shortened weights.
        If Faiss does not route, it is empty, or holds the leaves' means if codes are residuals.
        """
        import faiss

        weights = self.router.linear_weights()
        if self._form.of_residuals:
            return coarse_quantizer("flat", list_means(scanned, lists[:, 0], self.router.leaves))
        if weights is None:
            return faiss.IndexFlatIP(scanned.shape[1])
        projection, routing = self.router.projection, self._settings.routing
        if not chain or self._form.lists_by_whole:
            leaves = coarse_quantizer(routing, weights)
            if projection is None:
                return leaves
            return faiss.IndexPreTransform(linear_transform(projection), leaves)
        if self._form.scans_as_routed:
            return coarse_quantizer(routing, weights)
        whole = weights if projection is None else weights @ projection.T
        return coarse_quantizer(routing, transformed(chain[:1], whole))  # without normalising
