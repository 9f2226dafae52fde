"""ScaNN: k-means leaves of anisotropic codes, the best of them reordered by exact inner products.

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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from methods.base import Array, Cost, Hits, Index, Resources, Router
from methods.errors import InputError
from methods.settings import check_range

CENTRES = 16
"""The centres of a block of dimensions: a code is four bits, looked up by one instruction."""
BATCH = 256  # queries that a thread takes at once, by ScaNN's default
STANDARD_ERROR = 2
PROGRESS = re.compile(rb"I\d{4} |WARNING: All log messages before absl::InitializeLog")


@dataclass(frozen=True)
class ScannSettings:
    """The leaves, the codes in them, and how many documents are scored exactly after the codes.

    With `reorder` below the depth that is asked for, more are reordered than the cost counts.

    `training_iterations` are those of the k-means that finds the leaves. A higher
    `anisotropic_threshold` punishes errors along a document's own direction more.
    """

    leaves: int = 1024
    dimensions_per_block: int = 2
    anisotropic_threshold: float = 0.2
    reorder: int = 200
    training_iterations: int = 25

    def __post_init__(self) -> None:
        """Refuse values that build no index."""
        check_range("scann.leaves", self.leaves, 1)
        check_range("scann.dimensions_per_block", self.dimensions_per_block, 1)
        check_range("scann.anisotropic_threshold", self.anisotropic_threshold, 0, 1)
        check_range("scann.reorder", self.reorder, 1)
        check_range("scann.training_iterations", self.training_iterations, 1)


@dataclass(frozen=True)
class Leaves:
    """The centroids (leaves, dimensions) and the number of documents in each leaf."""

    centroids: Array
    sizes: NDArray[np.int64]

    @staticmethod
    def read(folder: Path) -> "Leaves":
        """Read them from what ScaNN wrote into `folder`: it tells of them nowhere else."""
        from scann.partitioning.partitioner_pb2 import SerializedPartitioner

        written = (folder / "serialized_partitioner.pb").read_bytes()
        root = SerializedPartitioner.FromString(written).kmeans.kmeans_tree.root
        centroids = np.array([centre.dimension for centre in root.centers], dtype=np.float32)
        sizes = np.bincount(np.load(folder / "datapoint_to_token.npy"), minlength=len(centroids))
        return Leaves(centroids, sizes[[child.leaf_id for child in root.children]])


class ScannIndex(Index[Array]):
    """ScaNN's tree, asymmetric hashing and reordering; effort is the leaves that are searched.

    ScaNN keeps its own copy of the documents, in memory and among its files.
    """

    def __init__(self, settings: ScannSettings, resources: Resources) -> None:
        self._settings = settings
        self._searcher: Any = None
        self._threads = 1

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Cluster the document vectors (documents, dimensions) and learn their codes.

        Raise InputError where there are fewer than leaves, or than a block has centres. The
        same seed gives the same leaves, in an order that changes.
        """
        from scann import scann_ops_pybind

        _check_size(self._settings.leaves, len(documents))
        config = _config(self._settings, documents, seed)
        with progress_unseen():
            self._searcher = scann_ops_pybind.create_searcher(documents, config, self._threads)
        self.use_threads(self._threads)

    def save(self, folder: Path) -> None:
        """Write ScaNN's files, of which none says where `folder` is."""
        self._searcher.serialize(str(folder), relative_path=True)

    def load(self, folder: Path, documents: Array) -> None:
        """Read ScaNN's files."""
        from scann import scann_ops_pybind

        # ScaNN's load_searcher would unpickle document ids, had someone put a file of them there.
        assets = (folder / "scann_assets.pbtxt").read_text(encoding="utf-8")
        native = scann_ops_pybind.scann_pybind.ScannNumpy(str(folder), assets)
        self._searcher = scann_ops_pybind.ScannSearcher(native)
        self._leaves = Leaves.read(folder)
        self.use_threads(self._threads)

    def efforts(self) -> range:
        """Return the leaves to search, from 1 to all."""
        return range(1, self._settings.leaves + 1)

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents of the `effort` leaves; at least `k` are reordered."""
        depths = k, max(self._settings.reorder, k), effort
        if self._threads == 1:
            found, scores = self._searcher.search_batched(queries, *depths)
        else:
            share = min(BATCH, -(-len(queries) // self._threads))
            found, scores = self._searcher.search_batched_parallel(queries, *depths, share)
        ids = found.astype(np.int64)
        missing = np.isnan(scores)
        if missing.any():
            ids[missing], scores[missing] = -1, -np.inf
        return Hits(ids, scores)

    def cost(self, queries: Array, effort: int) -> Cost:
        """Count the codes of the leaves that are searched, and the centroids compared.

        ScaNN chooses the leaves by the inner products of the query with all centroids. A code
        takes a look-up a block; to them come the query's table, which for an inner product is
        the same in every leaf, and the exact scores of the documents that are reordered.
        """
        centroids = self._leaves.centroids
        leaves, dimensions = centroids.shape
        nearest = np.argsort(-(queries @ centroids.T), axis=1)[:, :effort]
        visited = self._leaves.sizes[nearest].sum(axis=1)
        blocks = -(-dimensions // self._settings.dimensions_per_block)
        products = CENTRES + np.minimum(self._settings.reorder, visited)
        route = np.full(len(queries), leaves * dimensions, dtype=np.int64)
        return Cost(visited, visited * blocks + products * dimensions, route)

    def posting_sizes(self) -> NDArray[np.int64]:
        """Return the number of codes in each leaf."""
        return self._leaves.sizes

    def use_threads(self, count: int) -> None:
        """Search several queries on `count` threads from here on."""
        self._threads = count
        if self._searcher is not None:
            self._searcher.set_num_threads(max(count - 1, 1))  # the calling thread searches too

    @cached_property
    def _leaves(self) -> Leaves:
        with tempfile.TemporaryDirectory() as folder:
            self.save(Path(folder))
            return Leaves.read(Path(folder))


def _check_size(leaves: int, documents: int) -> None:
    corpus = f"the corpus has {documents} documents"
    if documents < CENTRES:
        raise InputError(f"scann learns codes from {CENTRES} documents but {corpus}; leave it out")
    if documents < leaves:
        raise InputError(f"scann.leaves is {leaves} but {corpus}; --set scann.leaves to fewer")


def _config(settings: ScannSettings, documents: Array, seed: int) -> str:
    """Return ScaNN's own configuration, in which its builder leaves out the seeds."""
    from google.protobuf import text_format
    from scann import scann_ops_pybind
    from scann.proto.scann_pb2 import ScannConfig

    builder = scann_ops_pybind.builder(documents, 10, "dot_product")
    # ScaNN's least partition of 50 would leave the smaller ones without a centroid of their own.
    iterations = settings.training_iterations
    builder.tree(settings.leaves, 1, training_iterations=iterations, min_partition_size=1)
    builder.score_ah(settings.dimensions_per_block, settings.anisotropic_threshold)
    builder.reorder(settings.reorder)
    config = text_format.Parse(builder.create_config(), ScannConfig())
    config.partitioning.clustering_seed = seed
    config.hash.asymmetric_hash.clustering_seed = seed
    return str(config)


@contextmanager
def progress_unseen() -> Iterator[None]:
    """Keep off standard error what ScaNN reports of its training; it has no setting for that."""
    kept = os.dup(STANDARD_ERROR)
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), STANDARD_ERROR)
        try:
            yield
        finally:
            os.dup2(kept, STANDARD_ERROR)
            os.close(kept)
            log.seek(0)
            for line in log:
                if not PROGRESS.match(line):
                    os.write(STANDARD_ERROR, line)
