"""The inverted file of product-quantised codes: what a list holds is short, and the best refined.

Jegou, Douze and Schmid: Product Quantization for Nearest Neighbor Search, TPAMI 2011.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from methods.base import Array, Cost, Hits, Index, Resources, Router
from methods.errors import InputError
from methods.indexes.ivf import check_lists, spherical_kmeans
from methods.indexes.posting_lists import list_sizes
from methods.indexes.rescoring import rescored
from methods.settings import check_range

FILE = "ivfpq.faiss"


@dataclass(frozen=True)
class IvfPqSettings:
    """The lists, the codes of `subquantizers` times `bits` bits, and how many are refined.

    `iterations` are those of both k-means, of the lists and of the codes; the best `reorder`
    documents by their codes are scored exactly. Below the depth that is asked for, more are
    reordered than the cost counts.
    """

    lists: int = 1024
    iterations: int = 25
    subquantizers: int = 48
    bits: int = 8
    reorder: int = 200

    def __post_init__(self) -> None:
        """Refuse values that build no index."""
        check_range("ivfpq.lists", self.lists, 1)
        check_range("ivfpq.iterations", self.iterations, 1)
        check_range("ivfpq.subquantizers", self.subquantizers, 1)
        check_range("ivfpq.bits", self.bits, 1, 16)
        check_range("ivfpq.reorder", self.reorder, 1)


class IvfPqIndex(Index[Array]):
    """Faiss IndexIVFPQ with inner product, codes of residuals and refinement; effort is nprobe."""

    searches_documents = True

    def __init__(self, settings: IvfPqSettings, resources: Resources) -> None:
        self._settings = settings

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Cluster the document vectors (documents, dimensions), learn the codes and fill the lists.

        Raise InputError where the vectors do not split into `subquantizers` equal parts, and
        where there are fewer of them than lists or than the centroids of a part.
        """
        import faiss

        chosen = self._settings
        dimensions = documents.shape[1]
        check_lists("ivfpq", chosen.lists, len(documents))
        _check_codes(chosen, len(documents), dimensions)
        index = faiss.IndexIVFPQ(
            faiss.IndexFlatIP(dimensions),
            dimensions,
            chosen.lists,
            chosen.subquantizers,
            chosen.bits,
            faiss.METRIC_INNER_PRODUCT,
        )
        spherical_kmeans(index, chosen.iterations, seed)
        index.pq.cp.niter = chosen.iterations
        index.pq.cp.min_points_per_centroid = 1  # as in the lists, the user's choice
        index.pq.cp.seed = seed + 1
        index.train(documents)
        index.add(documents)
        self._keep(index, documents)

    def save(self, folder: Path) -> None:
        """Write the lists and their codes in Faiss's format."""
        import faiss

        faiss.write_index(self._index, str(folder / FILE))

    def load(self, folder: Path, documents: Array) -> None:
        """Read the lists and their codes; the document vectors are for the refinement."""
        import faiss

        self._keep(faiss.read_index(str(folder / FILE)), documents)

    def efforts(self) -> range:
        """Return nprobe from 1 to the number of lists."""
        return range(1, self._settings.lists + 1)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` of the `reorder` documents, or of `k`, that have the best codes."""
        self._index.nprobe = effort
        scores, candidates = self._index.search(queries, max(self._settings.reorder, k))
        hits = rescored(Hits(candidates, scores), queries, self._documents, candidates.shape[1])
        return Hits(hits.ids[:, :k], hits.scores[:, :k])

    def cost(self, queries: Array, effort: int) -> Cost:
        """Count the codes of the lists that are scanned, and the centroids compared.

        To the look-ups of the codes come the query's table, which for an inner product is the
        same in every list, its inner product with the centroid of each list that is not empty,
        and the exact scores of the refinement.
        """
        dimensions = self._index.d
        _, lists = self._index.quantizer.search(queries, effort)
        sizes = self._sizes[lists]
        visited = sizes.sum(axis=1)
        products = self._index.pq.ksub + (sizes > 0).sum(axis=1)
        products += np.minimum(self._settings.reorder, visited)
        scan = visited * self._index.pq.M + products * dimensions
        route = np.full(len(queries), self._index.nlist * dimensions, dtype=np.int64)
        return Cost(visited, scan, route)

    def posting_sizes(self) -> NDArray[np.int64]:
        """Return the number of codes in each list."""
        return self._sizes

    def _keep(self, index: Any, documents: Array) -> None:
        self._index = index
        self._sizes = list_sizes(index)
        self._documents = np.ascontiguousarray(documents)


def _check_codes(settings: IvfPqSettings, documents: int, dimensions: int) -> None:
    parts, centroids = settings.subquantizers, 2**settings.bits
    if dimensions % parts:
        divisors = [n for n in range(1, dimensions + 1) if dimensions % n == 0]
        below = max(n for n in divisors if n < parts)
        near = " or ".join(str(n) for n in [below, *(n for n in divisors if n > parts)][:2])
        raise InputError(
            f"ivfpq.subquantizers is {parts}, which does not divide the {dimensions} dimensions; "
            f"--set ivfpq.subquantizers={near}"
        )
    if documents < centroids:
        raise InputError(
            f"ivfpq.bits is {settings.bits}, for which {centroids} documents are needed, but the "
            f"corpus has {documents}; --set ivfpq.bits to fewer"
        )
