"""The index of EHI: one Faiss inverted list of documents per leaf, routed by the tree."""

from pathlib import Path
from typing import Any

import numpy as np

from methods.base import Array, Cost, Hits, Positions, Resources, Router
from methods.ehi.leaf_cap import assign_leaves
from methods.ehi.settings import TreeSettings
from methods.ehi.split_routers import load_router
from methods.errors import InputError
from methods.indexes.posting_index import PostingIndex
from methods.indexes.posting_lists import PostingLists
from methods.indexes.rescoring import rescored

POSTINGS, ROUTER = "postings.faiss", "router.safetensors"
CHUNK = 4096
"""Documents assigned at a time if leaves have a cap: each gets a ranking of all leaves."""


class TreeIndex(PostingIndex):
    """A Faiss IndexIVFFlat whose lists are the leaves of the tree; effort is the width of the beam.

    A linear router becomes Faiss's quantizer, so that a search is a single call, as with IVF. The
    leaves of any other router are passed to `search_preassigned`, which IVF calls internally.
    With `reorder` the postings hold P^T d instead of d, and full vectors rescore the best.
    """

    router: Router

    def __init__(self, settings: TreeSettings, resources: Resources) -> None:
        self._settings = settings
        self.copies = settings.leaves_per_document
        self.searches_documents = settings.reorder > 0

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Assign each document vector (documents, dimensions) to its most probable leaves."""
        import faiss

        if router is None:
            raise InputError("a tree index needs a trainer that learns a tree, such as ehi")
        if self.copies > router.leaves:
            raise InputError(
                f"tree.leaves_per_document is {self.copies}, but the tree has "
                f"{router.leaves} leaves; --set tree.leaves_per_document to fewer"
            )
        if self._settings.reorder and router.projection is None:
            raise InputError(
                f"tree.reorder is {self._settings.reorder}, but the tree has no projection to scan "
                "by; --set ehi.rank to its dimensions, or tree.reorder=0"
            )
        self._router_and_documents(router, documents)
        dimensions = self._scanned(documents[:1]).shape[1]
        quantizer = _quantizer(router, dimensions, projects=not self._settings.reorder)
        index = faiss.IndexIVFFlat(quantizer, dimensions, router.leaves, faiss.METRIC_INNER_PRODUCT)
        index.is_trained = True
        self._keep(index)
        self.postings.fill(documents)

    def save(self, folder: Path) -> None:
        """Write the router and the postings."""
        self.postings.write(folder / POSTINGS)
        self.router.save(folder / ROUTER)

    def load(self, folder: Path, documents: Array) -> None:
        """Read the router and the postings; with `reorder` the documents are searched as well."""
        import faiss

        self._router_and_documents(load_router(folder / ROUTER), documents)
        self._keep(faiss.read_index(str(folder / POSTINGS)))

    def add(self, ids: Positions, documents: Array) -> None:
        """Add each document (n, dimensions) with its new id (n,) to the leaves it belongs in."""
        if self._settings.reorder:
            raise InputError(
                f"tree.reorder is {self._settings.reorder}: documents are rescored with the "
                "vectors that were indexed, to which none can be added; build with tree.reorder=0"
            )
        super().add(ids, documents)

    def remove(self, ids: Positions) -> None:
        """Remove documents from all their leaves."""
        if self._settings.most_per_leaf:
            raise InputError(
                f"tree.most_per_leaf is {self._settings.most_per_leaf}: documents that went to "
                "another leaf because theirs was full would stay there; build the index again "
                "without the documents to remove"
            )
        super().remove(ids)

    def efforts(self) -> range:
        """Return the widths of beam from one leaf to all."""
        return range(1, self.router.leaves + 1)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents of the `effort` leaves each query's beam ends in."""
        depth = max(k, self._settings.reorder)
        scanned = self._scanned(queries)
        if self.routes_itself:
            hits = self.postings.search(scanned, depth * self.copies, effort)
        else:
            leaves, probabilities = self.router.beam(queries, effort)
            hits = self.postings.search_in(scanned, depth * self.copies, leaves, probabilities)
        if self.copies > 1:
            hits = without_repeats(hits.ids, hits.scores, depth)
        if not self._settings.reorder:
            return hits
        hits = rescored(hits, queries, self._documents, self._settings.reorder)
        return Hits(hits.ids[:, :k], hits.scores[:, :k])

    def to_faiss(self, effort: int) -> Any:
        """Return the postings, where need be between the projection and the whole vectors.

        With `reorder` n, what an IndexRefineFlat finds for k = n are the best n that `search`
        scores again.
        """
        import faiss

        postings = super().to_faiss(effort)
        projection = self.router.projection
        if not self._settings.reorder or projection is None:
            return postings
        if not self.routes_itself or self.copies > 1:
            raise InputError(
                f"tree.reorder is {self._settings.reorder}, which Faiss can do only with "
                "ehi.height=1, ehi.mixer=none and tree.leaves_per_document=1; with tree.reorder=0 "
                "others are exported too"
            )
        whole = faiss.IndexFlatIP(self._documents.shape[1])
        whole.add(self._documents)
        return faiss.IndexRefine(faiss.IndexPreTransform(_transform(projection), postings), whole)

    def cost(self, queries: Array, effort: int) -> Cost:
        """Count the distinct documents of the beam's leaves; each copy scored costs its MACs."""
        leaves, _ = self.router.beam(queries, effort)
        visited = self.postings.visited(leaves)
        scan = self.postings.sizes[leaves].sum(axis=1) * self.postings.dimensions
        scan += np.minimum(visited, self._settings.reorder) * queries.shape[1]
        macs = self.router.macs(effort)
        if self._short is not None and not self.routes_itself:
            macs += self._short.size  # the beam projects again
        return Cost(visited, scan, np.full(len(queries), macs, dtype=np.int64))

    def _router_and_documents(self, router: Router, documents: Array) -> None:
        self.router = router
        self.routes_itself = router.linear_weights() is not None
        self._documents = np.ascontiguousarray(documents)  # a mapped matrix stays mapped

    def _keep(self, index: Any) -> None:
        self.postings = PostingLists(index, self._assign, self._scanned)

    def _scanned(self, vectors: Array) -> Array:
        """Return vectors as the postings hold them and as queries are compared with them."""
        if self._short is None:
            return vectors
        projected: Array = vectors @ self._short
        return projected

    @property
    def _short(self) -> Array | None:
        """P (m, r) if leaves are scanned by P^T u, else None."""
        return self.router.projection if self._settings.reorder else None

    def _assign(self, documents: Array) -> Positions:
        """Assign documents (n, dimensions) to leaves (n, copies)."""
        capacity = self._settings.most_per_leaf
        if not capacity:
            return self.router.assign(documents, self.copies)
        sizes = self.postings.sizes.copy()
        parts = [documents[start : start + CHUNK] for start in range(0, len(documents), CHUNK)]
        ranked = (self.router.assign(part, self.router.leaves) for part in parts)
        assigned = [assign_leaves(leaves, self.copies, sizes, capacity) for leaves in ranked]
        return np.concatenate([np.empty((0, self.copies), dtype=np.int64), *assigned])


def without_repeats(ids: Positions, scores: Array, k: int) -> Hits:
    """Return the first `k` distinct documents of rows that are sorted by decreasing score."""
    order = np.argsort(ids, axis=1, kind="stable")
    by_id = np.take_along_axis(ids, order, axis=1)
    repeats = np.zeros(ids.shape, dtype=np.bool_)
    np.put_along_axis(repeats, order[:, 1:], by_id[:, 1:] == by_id[:, :-1], axis=1)
    kept = np.argsort(repeats | (ids < 0), axis=1, kind="stable")[:, :k]
    missing = np.take_along_axis(repeats | (ids < 0), kept, axis=1)
    return Hits(
        np.where(missing, -1, np.take_along_axis(ids, kept, axis=1)),
        np.where(missing, np.finfo(np.float32).min, np.take_along_axis(scores, kept, axis=1)),
    )


def _quantizer(router: Router, dimensions: int, projects: bool) -> Any:
    """Return a Faiss index that ranks the leaves for a query as a linear router does.

    If the router has a projection, the index `projects` the query, unless the postings and hence
    the query are projected already. For any other router it is a placeholder that is never used.
    """
    import faiss

    weights = router.linear_weights()
    if weights is None:
        return faiss.IndexFlatIP(dimensions)
    leaves = faiss.IndexFlatIP(weights.shape[1])
    leaves.add(weights)
    if router.projection is None or not projects:
        return leaves
    return faiss.IndexPreTransform(_transform(router.projection), leaves)


def _transform(projection: Array) -> Any:
    """Return P (m, r) as a Faiss transform from u to P^T u."""
    import faiss

    transform = faiss.LinearTransform(*projection.shape, False)
    faiss.copy_array_to_vector(np.ascontiguousarray(projection.T).ravel(), transform.A)
    transform.is_trained = True
    return transform
