"""The index of EHI: the documents of each leaf as a Faiss inverted list, routed by the tree."""

from pathlib import Path
from typing import Any

import numpy as np

from methods.base import Array, Cost, Hits, Positions, Resources, Router
from methods.ehi.leaf_cap import with_room
from methods.ehi.list_router import load_router
from methods.ehi.settings import TreeSettings
from methods.errors import InputError
from methods.indexes.posting_index import PostingIndex
from methods.indexes.posting_lists import PostingLists
from methods.indexes.rescoring import rescored

POSTINGS, ROUTER = "postings.faiss", "router.safetensors"
CHUNK = 4096
"""Documents that are placed at once where leaves have a cap: each is ranked for every leaf."""


class TreeIndex(PostingIndex):
    """Postings in a Faiss IndexIVFFlat whose lists are the leaves; effort is the beam.

    A router that is linear is Faiss's quantizer itself, and a search is one call, as that of IVF
    is. Of any other the leaves are given to `search_preassigned`, the code that IVF runs inside.
    With `reorder` the postings hold P^T d instead of d, and the best are scored again.
    """

    router: Router

    def __init__(self, settings: TreeSettings, resources: Resources) -> None:
        self._settings = settings
        self.copies = settings.leaves_per_document
        self.searches_documents = settings.reorder > 0

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Place each document vector (documents, dimensions) in its most probable leaves."""
        import faiss

        if router is None:
            raise InputError("a tree index needs a trainer that learns a tree, such as ehi")
        if self.copies > router.leaves:
            raise InputError(
                f"tree.leaves_per_document is {self.copies} but the tree has {router.leaves} leaves"
            )
        if self._settings.reorder and router.projection is None:
            raise InputError(
                f"tree.reorder is {self._settings.reorder}, but there is no projection to scan by; "
                "--set ehi.rank to its dimensions, or tree.reorder=0"
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
        """Put each document (n, dimensions) with its new id (n,) into the leaves it belongs in."""
        if self._settings.reorder:
            raise InputError(
                f"tree.reorder is {self._settings.reorder}: documents are scored again by the "
                "matrix that was indexed, which no others can join; build with tree.reorder=0"
            )
        super().add(ids, documents)

    def remove(self, ids: Positions) -> None:
        """Take documents out of all their leaves."""
        if self._settings.most_per_leaf:
            raise InputError(
                f"tree.most_per_leaf is {self._settings.most_per_leaf}: documents that a full leaf "
                "pushed aside would stay there; build the index anew without those to be removed"
            )
        super().remove(ids)

    def efforts(self) -> range:
        """Return beams from one leaf to all."""
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
            macs += self._short.size  # a beam projects for itself
        return Cost(visited, scan, np.full(len(queries), macs, dtype=np.int64))

    def _router_and_documents(self, router: Router, documents: Array) -> None:
        self.router = router
        self.routes_itself = router.linear_weights() is not None
        self._documents = np.ascontiguousarray(documents)  # a mapped matrix stays mapped

    def _keep(self, index: Any) -> None:
        self.postings = PostingLists(index, self._place, self._scanned)

    def _scanned(self, vectors: Array) -> Array:
        """Return what the postings hold of vectors, and what queries are held against them."""
        if self._short is None:
            return vectors
        projected: Array = vectors @ self._short
        return projected

    @property
    def _short(self) -> Array | None:
        """P (m, r), where leaves are scanned by P^T u."""
        return self.router.projection if self._settings.reorder else None

    def _place(self, documents: Array) -> Positions:
        """Return the leaves (n, copies) that documents (n, dimensions) belong in."""
        most = self._settings.most_per_leaf
        if not most:
            return self.router.place(documents, self.copies)
        sizes = self.postings.sizes.copy()
        parts = [documents[start : start + CHUNK] for start in range(0, len(documents), CHUNK)]
        ranked = (self.router.place(part, self.router.leaves) for part in parts)
        placed = [with_room(leaves, self.copies, sizes, most) for leaves in ranked]
        return np.concatenate([np.empty((0, self.copies), dtype=np.int64), *placed])


def without_repeats(ids: Positions, scores: Array, k: int) -> Hits:
    """Return the first `k` distinct documents of rows sorted by falling score."""
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
    """Return a Faiss index that ranks the leaves for what is scanned, where the router is linear.

    It `projects` what it is given, where the router has a projection and the postings are not
    projected already. Of any other router it is a placeholder that is never asked.
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
    """Return P (m, r) as Faiss's own transform of u into P^T u."""
    import faiss

    transform = faiss.LinearTransform(*projection.shape, False)
    faiss.copy_array_to_vector(np.ascontiguousarray(projection.T).ravel(), transform.A)
    transform.is_trained = True
    return transform
