"""The inverted file: k-means lists on the dual encoder, nprobe of them scanned."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from methods.base import Array, Cost, Hits, Index, Positions, Resources, Router
from methods.errors import InputError
from methods.settings import check_range

FILE = "ivf.faiss"


@dataclass(frozen=True)
class IvfSettings:
    """The number of k-means lists and the iterations that find them."""

    lists: int = 128
    iterations: int = 25

    def __post_init__(self) -> None:
        """Refuse values that build no index."""
        check_range("ivf.lists", self.lists, 1)
        check_range("ivf.iterations", self.iterations, 1)


class IvfIndex(Index[Array]):
    """Faiss IndexIVFFlat with inner product and spherical k-means; effort is nprobe."""

    def __init__(self, settings: IvfSettings, resources: Resources) -> None:
        self._settings = settings

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Cluster the document vectors (documents, dimensions) and fill the lists."""
        import faiss

        lists = self._settings.lists
        check_lists("ivf", lists, len(documents))
        dimensions = documents.shape[1]
        index = faiss.IndexIVFFlat(
            faiss.IndexFlatIP(dimensions), dimensions, lists, faiss.METRIC_INNER_PRODUCT
        )
        spherical_kmeans(index, self._settings.iterations, seed)
        index.train(documents)
        _, nearest = index.quantizer.search(documents, 1)
        fill_lists(index, documents, nearest)
        self._keep(index)

    def save(self, folder: Path) -> None:
        """Write the lists in Faiss's format."""
        import faiss

        faiss.write_index(self._index, str(folder / FILE))

    def load(self, folder: Path, documents: Array) -> None:
        """Read the lists."""
        import faiss

        self._keep(faiss.read_index(str(folder / FILE)))

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
        _, lists = self._index.quantizer.search(queries, effort)
        visited = self._sizes[lists].sum(axis=1)
        route = np.full(len(queries), self._index.nlist * self._index.d, dtype=np.int64)
        return Cost(visited, visited * self._index.d, route)

    def _keep(self, index: Any) -> None:
        self._index = index
        self._sizes = list_sizes(index)


def check_lists(section: str, lists: int, documents: int) -> None:
    """Raise InputError where there are more lists than documents."""
    if documents < lists:
        raise InputError(
            f"{section}.lists is {lists} but the corpus has {documents} documents; "
            f"--set {section}.lists to fewer"
        )


def spherical_kmeans(index: Any, iterations: int, seed: int) -> None:
    """Set how a Faiss inverted file finds its centroids."""
    index.cp.spherical = True
    index.cp.niter = iterations
    index.cp.min_points_per_centroid = 1  # few points a list are the user's choice
    index.cp.seed = seed + 1  # Faiss takes 0 for its own default


def fill_lists(index: Any, documents: Array, lists: Positions) -> None:
    """Put each document (documents, dimensions) into its `lists` (documents, copies).

    A list of an IndexIVFFlat is filled at once and takes the memory it needs; Faiss's own `add`
    lets lists grow by doubling, to some 1.4 times of that.
    """
    import faiss

    flat = lists.ravel()
    order = np.argsort(flat, kind="stable")
    ends = np.cumsum(np.bincount(flat, minlength=index.nlist))
    for number, places in enumerate(np.split(order, ends[:-1])):
        ids = places // lists.shape[1]
        vectors = np.ascontiguousarray(documents[ids]).view(np.uint8)
        index.invlists.add_entries(number, len(ids), faiss.swig_ptr(ids), faiss.swig_ptr(vectors))
    index.ntotal += len(documents) * lists.shape[1]


def list_sizes(index: Any) -> NDArray[np.int64]:
    """Return the number of documents in each list of a Faiss inverted file."""
    return np.array([index.invlists.list_size(i) for i in range(index.nlist)], dtype=np.int64)
