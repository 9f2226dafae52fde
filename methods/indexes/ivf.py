"""The inverted file (IVF): k-means lists on the dual encoder, of which nprobe are scanned."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from methods.base import Array, Cost, Hits, Resources, Router
from methods.errors import InputError
from methods.indexes.posting_index import PostingIndex
from methods.indexes.posting_lists import PostingLists
from methods.settings import check_range

FILE = "ivf.faiss"


@dataclass(frozen=True)
class IvfSettings:
    """The number of lists and of k-means iterations."""

    lists: int = 1024
    iterations: int = 25

    def __post_init__(self) -> None:
        """Reject values that build no index."""
        check_range("ivf.lists", self.lists, 1)
        check_range("ivf.iterations", self.iterations, 1)


class IvfIndex(PostingIndex):
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
        self.postings = PostingLists(index)
        self.postings.fill(documents)

    def save(self, folder: Path) -> None:
        """Write the lists in Faiss's format."""
        self.postings.write(folder / FILE)

    def load(self, folder: Path, documents: Array) -> None:
        """Read the lists."""
        import faiss

        self.postings = PostingLists(faiss.read_index(str(folder / FILE)))

    def efforts(self) -> range:
        """Return nprobe from 1 to the number of lists."""
        return range(1, self._settings.lists + 1)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents of the `effort` nearest lists."""
        return self.postings.search(queries, k, effort)

    def cost(self, queries: Array, effort: int) -> Cost:
        """Count the documents in the scanned lists, and all centroids as routing."""
        postings = self.postings
        visited = postings.sizes[postings.nearest_lists(queries, effort)].sum(axis=1)
        route = np.full(len(queries), len(postings) * postings.dimensions, dtype=np.int64)
        return Cost(visited, visited * postings.dimensions, route)


def check_lists(section: str, lists: int, documents: int) -> None:
    """Raise InputError if there are more lists than documents."""
    if documents < lists:
        raise InputError(
            f"{section}.lists is {lists} but the corpus has {documents} documents; "
            f"--set {section}.lists={documents} or fewer"
        )


def spherical_kmeans(index: Any, iterations: int, seed: int) -> None:
    """Configure the k-means of a Faiss inverted file."""
    index.cp.spherical = True
    index.cp.niter = iterations
    index.cp.min_points_per_centroid = 1  # how few is the user's choice
    index.cp.seed = seed + 1  # Faiss replaces 0 by its default
