"""ScaNN: k-means leaves of anisotropic codes, the best of which are rescored with full vectors.

Guo et al.: Accelerating Large-Scale Inference with Anisotropic Vector Quantization, ICML 2020.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from methods.automatic import check_rule_range, lists_for, most_lists, multiples, setting
from methods.base import Array, Cost, Hits, Index, Resources, Router
from methods.errors import InputError
from methods.postings.membership import distinct_documents, membership
from methods.settings import check_range

if TYPE_CHECKING:
    from scipy import sparse

CENTRES = 16
"""Centres per block of dimensions: a code has four bits and is looked up by one instruction."""
OVERRETRIEVED = 2.0  # ScaNN's advice for documents that may be found in both their leaves
BATCH = 256  # queries per thread and call, ScaNN's default
STANDARD_ERROR = 2
PROGRESS = re.compile(
    rb"I\d{4} |WARNING: All log messages before absl::InitializeLog|W\d{4} .*normalize centroid"
)
"""Lines of ScaNN's log that no user needs: progress, and that a leaf is empty."""


@dataclass(frozen=True)
class ScannSettings:
    """The leaves, the codes in them, and how many documents are rescored."""

    leaves: int = setting(
        1024, auto=lists_for, menu=multiples(lists_for, (1, 0.5, 2, 4, 8), most_lists)
    )
    dimensions_per_block: int = setting(2, menu=(2, 4, 8))
    anisotropic_threshold: float = 0.2
    """The higher, the more errors along a document's own direction are penalised."""
    reorder: int = setting(100, menu=(100, 30, 10, 300))
    """How many of the best documents by code are rescored with whole vectors, at least `k`."""
    training_iterations: int = 25  # of the k-means that finds the leaves
    partitioning: Literal["generic", "spherical"] = "spherical"
    soar: float = setting(0.0, menu=(0.0, 1.0, 1.5, 2.0, 4.0))
    """If above 0, a document is also in a second leaf. The higher it is, the more a second leaf is
    penalised that leaves an error in the same direction as the first.

    Sun et al.: SOAR: Improved Indexing for Approximate Nearest Neighbor Search, NeurIPS 2023.
    """

    def __post_init__(self) -> None:
        """Reject values that build no index."""
        check_rule_range("scann.leaves", self.leaves, 1)
        check_range("scann.dimensions_per_block", self.dimensions_per_block, 1)
        check_range("scann.anisotropic_threshold", self.anisotropic_threshold, 0, 1)
        check_range("scann.reorder", self.reorder, 1)
        check_range("scann.training_iterations", self.training_iterations, 1)
        check_range("scann.soar", self.soar, 0)


@dataclass(frozen=True)
class Leaves:
    """The centroids (leaves, dimensions), the sizes, and the documents in each leaf."""

    centroids: Array
    sizes: NDArray[np.int64]
    members: "sparse.csr_array"

    @staticmethod
    def read(folder: Path) -> "Leaves":
        """Read them from the files that ScaNN wrote into `folder`; its API does not return them."""
        from scann.partitioning.partitioner_pb2 import SerializedPartitioner

        serialized = (folder / "serialized_partitioner.pb").read_bytes()
        root = SerializedPartitioner.FromString(serialized).kmeans.kmeans_tree.root
        centroids = np.array([centre.dimension for centre in root.centers], dtype=np.float32)
        documents = len(np.load(folder / "dataset.npy", mmap_mode="r"))
        # The leaves of document 0 come first, then those of document 1; -1: no second leaf.
        numbers = np.load(folder / "datapoint_to_token.npy")
        copies, placed = len(numbers) // documents, np.flatnonzero(numbers >= 0)
        order = placed[np.argsort(numbers[placed], kind="stable")]
        sizes = np.bincount(numbers[placed], minlength=len(centroids))
        by_number = membership(order // copies, sizes, documents)
        members = by_number[[child.leaf_id for child in root.children]]
        return Leaves(centroids, np.diff(members.indptr).astype(np.int64), members)


class ScannIndex(Index[Array]):
    """ScaNN's tree, asymmetric hashing and reordering; effort is the number of leaves searched.

    ScaNN keeps its own copy of the documents, in memory and in its files.
    """

    def __init__(self, settings: ScannSettings, resources: Resources) -> None:
        self._settings = settings
        self._searcher: Any = None
        self._threads = 1

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Cluster the document vectors (documents, dimensions) and learn their codes.

        Raise InputError if there are fewer documents than leaves, or than centres of a block. The
        same seed gives the same leaves, but in varying order.
        """
        from scann import scann_ops_pybind

        _check_size(self._settings.leaves, len(documents))
        config = _config(self._settings, documents, seed)
        with training_log_hidden():
            self._searcher = scann_ops_pybind.create_searcher(documents, config, self._threads)
        self.use_threads(self._threads)

    def save(self, folder: Path) -> None:
        """Write ScaNN's files, with relative paths so that the folder can be moved."""
        self._searcher.serialize(str(folder), relative_path=True)

    def load(self, folder: Path, documents: Array) -> None:
        """Read ScaNN's files."""
        from scann import scann_ops_pybind

        # ScaNN's load_searcher would unpickle document ids if the folder had a file of them.
        assets = (folder / "scann_assets.pbtxt").read_text(encoding="utf-8")
        native = scann_ops_pybind.scann_pybind.ScannNumpy(str(folder), assets)
        self._searcher = scann_ops_pybind.ScannSearcher(native)
        self._leaves = Leaves.read(folder)
        self.use_threads(self._threads)

    def efforts(self, k: int) -> range:
        """Return numbers of leaves to search, from 1 to all."""
        return range(1, self._settings.leaves + 1)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents of the `effort` nearest leaves, after rescoring."""
        depths = k, max(self._settings.reorder, k), effort
        if len(queries) == 1:
            labels, scores = self._searcher.search(queries[0], *depths)
            return _one_row(labels, scores, k)
        if self._threads == 1:
            labels, scores = self._searcher.search_batched(queries, *depths)
        else:
            share = min(BATCH, -(-len(queries) // self._threads))
            labels, scores = self._searcher.search_batched_parallel(queries, *depths, share)
        ids = labels.astype(np.int64)
        missing = np.isnan(scores)
        if missing.any():
            ids[missing], scores[missing] = -1, -np.inf
        return Hits(ids, scores)

    def cost(self, queries: Array, k: int, effort: int) -> Cost:
        """Count the codes in the searched leaves, and all centroids as routing.

        A document that is in two of the leaves is visited once; both its codes are scanned. ScaNN
        chooses the leaves by the inner products of the query with all centroids. The scan
        consists of one look-up per code and block, the query's table, which for an inner product
        is the same in every leaf, and the exact scores of the rescored documents.
        """
        centroids = self._leaves.centroids
        leaves, dimensions = centroids.shape
        # A batch at a time: the scores of all queries and leaves can take gigabytes.
        opposite, batches = -centroids.T, np.array_split(queries, -(-len(queries) // BATCH))
        nearest = np.concatenate(
            [np.argpartition(part @ opposite, effort - 1)[:, :effort] for part in batches]
        )
        codes = self._leaves.sizes[nearest].sum(axis=1)
        spilled = self._settings.soar > 0
        visited = distinct_documents(self._leaves.members, nearest) if spilled else codes
        blocks = -(-dimensions // self._settings.dimensions_per_block)
        products = CENTRES + np.minimum(max(self._settings.reorder, k), visited)
        route = np.full(len(queries), leaves * dimensions, dtype=np.int64)
        return Cost(visited, codes * blocks + products * dimensions, route)

    def posting_sizes(self) -> NDArray[np.int64]:
        """Return the number of codes in each leaf."""
        return self._leaves.sizes

    def use_threads(self, count: int) -> None:
        """Search several queries on `count` threads from now on."""
        self._threads = count
        if self._searcher is not None:
            self._searcher.set_num_threads(max(count - 1, 1))  # the calling thread searches too

    @cached_property
    def _leaves(self) -> Leaves:
        with tempfile.TemporaryDirectory() as folder:
            self.save(Path(folder))
            return Leaves.read(Path(folder))


def _one_row(labels: NDArray[np.uint32], scores: Array, k: int) -> Hits:
    """Return the hits (1, k) of one query, of which ScaNN returns only those that exist."""
    if len(labels) == k:
        return Hits(labels.astype(np.int64)[None], scores[None])
    hits = Hits(np.full((1, k), -1), np.full((1, k), -np.inf, dtype=np.float32))
    hits.ids[0, : len(labels)], hits.scores[0, : len(labels)] = labels, scores
    return hits


def _check_size(leaves: int, documents: int) -> None:
    corpus = f"the corpus has {documents} documents"
    if documents < CENTRES:
        raise InputError(
            f"scann needs at least {CENTRES} documents but {corpus}; leave scann out of --methods"
        )
    if documents < leaves:
        raise InputError(
            f"scann.leaves is {leaves} but {corpus}; --set scann.leaves={documents} or fewer"
        )


def _config(settings: ScannSettings, documents: Array, seed: int) -> str:
    """Return ScaNN's configuration with seeds, which its builder cannot set."""
    from google.protobuf import text_format
    from scann import scann_ops_pybind
    from scann.proto.scann_pb2 import ScannConfig

    builder = scann_ops_pybind.builder(documents, 10, "dot_product")
    # With ScaNN's default of 50, smaller partitions would get no centroid of their own.
    iterations = settings.training_iterations
    builder.tree(
        settings.leaves,
        1,
        training_iterations=iterations,
        min_partition_size=1,
        spherical=settings.partitioning == "spherical",
        soar_lambda=settings.soar or None,
        overretrieve_factor=OVERRETRIEVED if settings.soar else None,
    )
    builder.score_ah(settings.dimensions_per_block, settings.anisotropic_threshold)
    builder.reorder(settings.reorder)
    config = text_format.Parse(builder.create_config(), ScannConfig())
    config.partitioning.clustering_seed = seed
    config.hash.asymmetric_hash.clustering_seed = seed
    return str(config)


@contextmanager
def training_log_hidden() -> Iterator[None]:
    """Hide ScaNN's training log from standard error, for which it has no setting."""
    original = os.dup(STANDARD_ERROR)
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), STANDARD_ERROR)
        try:
            yield
        finally:
            os.dup2(original, STANDARD_ERROR)
            os.close(original)
            log.seek(0)
            for line in log:
                if not PROGRESS.match(line):
                    os.write(STANDARD_ERROR, line)
