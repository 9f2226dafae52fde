"""Document vectors whose inner products include what a learned tree says about their leaf.

A linear tree has log p(leaf | u) = E_leaf . u + a constant of u (see `Router.evidence`). For a
document v in a leaf, the score u . v + weight log p(leaf | u) is therefore the inner product of u
with v + weight E_leaf, plus a constant of u, which does not change the order of the documents. Any
index can search such vectors.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from methods.automatic import setting
from methods.base import Array, Cost, Hits, Index, Positions, Resources, Router
from methods.errors import InputError
from methods.settings import check_range

FILE = "fused.npy"


@dataclass(frozen=True)
class FusedSettings:
    """The weight of the evidence for a document's leaf in its score."""

    weight: float = setting(0.01, menu=(0.01, 0.0, 0.003, 0.03))

    def __post_init__(self) -> None:
        """Reject a negative weight."""
        check_range("fused.weight", self.weight, 0)


class FusedVectors(Index[Array]):
    """Another index, built from fused vectors; the effort is that of the other index.

    The fused vectors are saved only for an index that searches the documents themselves.
    """

    def __init__(
        self, settings: FusedSettings, resources: Resources, new_index: Callable[[], Index[Array]]
    ) -> None:
        self._weight = settings.weight
        self._index = new_index()

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Fuse the document vectors (documents, dimensions) and build the other index from them."""
        if router is None:
            raise InputError("fused vectors need a trainer that learns a tree, such as ehi")
        leaves = router.assign(documents, 1)[:, 0]
        self._fused = fused(documents, leaves, router, self._weight, "fused.weight")
        self._index.build(self._fused, seed, None)

    def save(self, folder: Path) -> None:
        """Write the other index, and the fused vectors if it searches them."""
        self._index.save(folder)
        if self._index.searches_documents:
            np.save(folder / FILE, self._fused)

    def load(self, folder: Path, documents: Array) -> None:
        """Read the other index, and map the fused vectors if it searches them."""
        searched = self._index.searches_documents
        vectors = np.load(folder / FILE, mmap_mode="r") if searched else documents
        self._index.load(folder, vectors)

    def efforts(self, k: int) -> range:
        """Return the efforts of the other index."""
        return self._index.efforts(k)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents by their fused vectors."""
        return self._index.search(queries, k, effort)

    def cost(self, queries: Array, k: int, effort: int) -> Cost:
        """Return the cost of the other index: fused vectors are as long as the others."""
        return self._index.cost(queries, k, effort)

    def posting_sizes(self) -> NDArray[np.int64] | None:
        """Return the number of entries in each list of the other index."""
        return self._index.posting_sizes()

    def use_threads(self, count: int) -> None:
        """Search on `count` threads."""
        self._index.use_threads(count)


def fused(
    documents: Array, leaves: Positions, router: Router, weight: float, setting_name: str
) -> Array:
    """Return v + weight E_leaf (n, m) for documents v (n, m) in their `leaves` (n,).

    Raise InputError, naming the setting of the weight, if the router is not linear.
    """
    if not weight:
        return np.ascontiguousarray(documents)  # a mapped matrix stays mapped
    evidence = router.evidence()
    if evidence is None:
        raise InputError(
            f"{setting_name} is {weight}, which needs a tree with ehi.height=1 and "
            f"ehi.mixer=none; --set {setting_name}=0"
        )
    vectors: Array = documents + np.float32(weight) * evidence[leaves]
    return vectors
