"""IVF with product quantisation: lists hold short codes, and the best documents are rescored.

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
    """The lists, the codes of `subquantizers` times `bits` bits, and how many are rescored."""

    lists: int = 1024
    iterations: int = 25  # of k-means, for the lists and for the codes
    subquantizers: int = 48
    bits: int = 8
    reorder: int = 200
    """The best documents by code that are rescored with full vectors.

    A search for more than `reorder` documents rescores more than the cost counts.
    """

    def __post_init__(self) -> None:
        """Reject values that build no index."""
        check_range("ivfpq.lists", self.lists, 1)
        check_range("ivfpq.iterations", self.iterations, 1)
        check_range("ivfpq.subquantizers", self.subquantizers, 1)
        check_range("ivfpq.bits", self.bits, 1, 16)
        check_range("ivfpq.reorder", self.reorder, 1)


class IvfPqIndex(Index[Array]):
    """Faiss IndexIVFPQ with inner product, codes of residuals and rescoring; effort is nprobe."""

    searches_documents = True

    def __init__(self, settings: IvfPqSettings, resources: Resources) -> None:
        self._settings = settings

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Cluster the document vectors (documents, dimensions), learn the codes and fill the lists.

        Raise InputError if the vectors do not split into `subquantizers` equal parts, or if there
        are fewer vectors than lists or than centroids of a part.
        """
        import faiss

        settings = self._settings
        dimensions = documents.shape[1]
        check_lists("ivfpq", settings.lists, len(documents))
        _check_codes(settings, len(documents), dimensions)
        index = faiss.IndexIVFPQ(
            faiss.IndexFlatIP(dimensions),
            dimensions,
            settings.lists,
            settings.subquantizers,
            settings.bits,
            faiss.METRIC_INNER_PRODUCT,
        )
        spherical_kmeans(index, settings.iterations, seed)
        index.pq.cp.niter = settings.iterations
        index.pq.cp.min_points_per_centroid = 1  # how few is the user's choice
        index.pq.cp.seed = seed + 1
        index.train(documents)
        index.add(documents)
        self._keep(index, documents)

    def save(self, folder: Path) -> None:
        """Write the lists and their codes in Faiss's format."""
        import faiss

        faiss.write_index(self._index, str(folder / FILE))

    def load(self, folder: Path, documents: Array) -> None:
        """Read the lists and their codes; the document vectors are for rescoring."""
        import faiss

        self._keep(faiss.read_index(str(folder / FILE)), documents)

    def efforts(self) -> range:
        """Return nprobe from 1 to the number of lists."""
        return range(1, self._settings.lists + 1)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents after rescoring the best max(`reorder`, `k`) by code."""
        self._index.nprobe = effort
        scores, candidates = self._index.search(queries, max(self._settings.reorder, k))
        hits = rescored(Hits(candidates, scores), queries, self._documents, candidates.shape[1])
        return Hits(hits.ids[:, :k], hits.scores[:, :k])

    def cost(self, queries: Array, effort: int) -> Cost:
        """Count the codes in the scanned lists, and all centroids as routing.

        The scan consists of the look-ups of the codes, the query's table, which for an inner
        product is the same in every list, the inner product with the centroid of each scanned list
        that is not empty, and the exact scores of the rescored documents.
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
            f"ivfpq.bits is {settings.bits}, which needs {centroids} documents, but the corpus has "
            f"{documents}; --set ivfpq.bits={documents.bit_length() - 1} or fewer"
        )
