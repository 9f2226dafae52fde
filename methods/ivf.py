"""The inverted file: k-means lists on the dual encoder, nprobe of them scanned."""

from dataclasses import dataclass

import numpy as np

from methods.base import Array, Cost, Hits, Index, Resources, Trained
from methods.errors import InputError
from methods.settings import check_range


@dataclass(frozen=True)
class IvfSettings:
    """The number of k-means lists and the iterations that find them."""

    lists: int = 128
    iterations: int = 25

    def __post_init__(self) -> None:
        """Refuse values that build no index."""
        check_range("ivf.lists", self.lists, 1)
        check_range("ivf.iterations", self.iterations, 1)


class IvfIndex(Index):
    """Faiss IndexIVFFlat with inner product and spherical k-means; effort is nprobe."""

    def __init__(self, settings: IvfSettings, resources: Resources) -> None:
        self._settings = settings

    def build(self, vectors: Array, trained: Trained) -> None:
        """Cluster the document vectors (documents, dimensions) and fill the lists."""
        import faiss

        documents, dimensions = vectors.shape
        if documents < self._settings.lists:
            raise InputError(
                f"ivf.lists is {self._settings.lists} but the corpus has {documents} documents; "
                "--set ivf.lists to fewer"
            )
        self._quantizer = faiss.IndexFlatIP(dimensions)
        index = faiss.IndexIVFFlat(
            self._quantizer, dimensions, self._settings.lists, faiss.METRIC_INNER_PRODUCT
        )
        index.cp.spherical = True
        index.cp.niter = self._settings.iterations
        index.cp.min_points_per_centroid = 1  # few points a list are the user's choice
        index.cp.seed = trained.seed + 1  # Faiss takes 0 for its own default
        index.train(vectors)
        index.add(vectors)
        self._index = index
        self._sizes = np.array(
            [index.invlists.list_size(i) for i in range(index.nlist)], dtype=np.int64
        )

    def efforts(self) -> range:
        """Return nprobe from 1 to the number of lists."""
        return range(1, self._settings.lists + 1)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents of the `effort` nearest lists."""
        self._index.nprobe = effort
        scores, ids = self._index.search(queries, k)
        return Hits(ids, scores)

    def cost(self, queries: Array, effort: int) -> Cost:
        """Count the documents of the lists that are scanned, and the centroids compared."""
        _, lists = self._quantizer.search(queries, effort)
        visited = self._sizes[lists].sum(axis=1)
        route = np.full(len(queries), self._index.nlist * self._index.d, dtype=np.int64)
        return Cost(visited, visited * self._index.d, route)
