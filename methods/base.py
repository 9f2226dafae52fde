"""The common interface: a method is a trainer and an index.

A trainer learns an encoder (and, for EHI, an indexer) from pairs; an index stores vectors and
searches them. EHI and every two-stage baseline combine the two. Trainers have their interface in
methods/trainer.py; this module has that of indexes, and the types that both use.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Generic, Literal, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from methods.devices import SearchPlace
from methods.errors import InputError
from methods.kept_parts import KeptParts
from methods.postings.memory_limit import MemoryLimit
from methods.texts import Ids, Texts

Array = NDArray[np.float32]
Positions = NDArray[np.int64]
Inputs = TypeVar("Inputs", Array, Sequence[str])
"""The documents and queries of an index: vectors (n, dimensions) or texts."""


@dataclass(frozen=True)
class Corpus:
    """The documents: the id and the text to encode of each, by position."""

    ids: Ids
    texts: Texts

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Pairs:
    """Training queries with their relevant documents, in compressed sparse rows.

    The relevant documents of `queries[i]` are the corpus positions
    `documents[starts[i]:starts[i + 1]]`; there is at least one.
    """

    queries: Texts
    starts: Positions
    documents: Positions

    def __len__(self) -> int:
        return len(self.queries)


class Hits(NamedTuple):
    """The results of a search, best first. A named tuple is made in less time than a dataclass."""

    ids: Positions
    """Corpus positions (n, k), or ids given to `Index.add`; -1 after the last result."""
    scores: Array
    """Inner products (n, k), or the scores of an index of texts."""


@dataclass(frozen=True)
class Cost:
    """The cost of a search, with one number per query."""

    visited: NDArray[np.int64]
    """Distinct documents that were scored, by their vector or by its code."""
    scan_macs: NDArray[np.int64]
    """Multiply-adds to score them; a look-up in a table of distances counts as one."""
    route_macs: NDArray[np.int64]
    """Multiply-adds to choose which documents to score."""
    exact: bool = True
    """Whether every query was counted."""
    counted: Positions | None = None
    """The positions of the queries that were counted, or None if all were."""


class Router(Protocol):
    """A learned tree that routes a vector to leaves. See methods/ehi/tree_router.py."""

    @property
    def leaves(self) -> int:
        """The number of leaves."""
        ...

    @property
    def projection(self) -> Array | None:
        """P (m, r) if the tree reads P^T u instead of u, else None."""
        ...

    def linear_weights(self) -> Array | None:
        """Return W (leaves, r) if leaves rank by the inner products W P^T u alone, else None."""
        ...

    def evidence(self) -> Array | None:
        """Return E (leaves, m) with log p(leaf | u) = E_leaf . u + a constant of u, if linear."""
        ...

    def interpolated(self, centroids: Array, share: float) -> "Router | None":
        """Return this router, moved by `share` towards its leaves' centroids, if it is linear."""
        ...

    def beam(self, vectors: Array, width: int) -> tuple[Positions, Array]:
        """Return the leaves (n, width) that each vector reaches and their log-probabilities."""
        ...

    def directions(self) -> Array | None:
        """Return unit vectors (leaves, m) near which each leaf's documents are, if it has any."""
        ...

    def assign(self, documents: Array, count: int) -> Positions:
        """Return the best `count` leaves (n, count) of each document, the best first."""
        ...

    def macs(self, width: int) -> int:
        """Return the multiply-adds of a beam of `width` for one vector."""
        ...

    @property
    def formula(self) -> str:
        """How a vector is routed to leaves, as a formula with the names of `tensors`."""
        ...

    def tensors(self) -> Mapping[str, Array]:
        """Return the weights that route a vector to leaves, by name."""
        ...

    def save(self, path: Path) -> None:
        """Write the file that the trainer's `load_router` reads."""
        ...


class Advance(Protocol):
    """Moves a progress bar by a number of steps."""

    def __call__(self, steps: int = 1) -> None:
        """Move the bar forward."""
        ...


ProgressBar = Callable[[str, int], AbstractContextManager[Advance]]
"""Opens a progress bar for a long task, given a description and the number of steps."""


def no_progress(description: str, total: int) -> AbstractContextManager[Advance]:
    """Open a progress bar that shows nothing."""
    return nullcontext(lambda steps=1: None)


LogEpoch = Callable[[Mapping[str, float], int], object]
"""Logs an epoch, given its values by name and the number of updates so far."""
Tracker = Callable[[int], AbstractContextManager[LogEpoch]]
"""Opens the log of a training, given the number of updates that earlier processes made."""


def no_tracker(updates: int) -> AbstractContextManager[LogEpoch]:
    """Open a log that keeps nothing."""
    return nullcontext(lambda values, updates: None)


@dataclass(frozen=True)
class Resources:
    """What a computation may use: devices, a cache folder and a way to show progress.

    `device` trains and encodes, `search` is where an index is searched. A long computation may
    save its state in the folder `checkpoint`; `parts` are what builds have in common. With a limit
    of `memory`, inverted files of whole vectors are built part by part, and lists are searched in
    their file. `tracker` logs the epochs of a training.
    """

    device: str
    cache: Path
    progress: ProgressBar = field(default=no_progress, compare=False)
    checkpoint: Path | None = field(default=None, compare=False)
    search: SearchPlace = field(default_factory=SearchPlace)
    parts: KeptParts = field(default_factory=KeptParts, compare=False)
    memory: MemoryLimit | None = field(default=None, compare=False)
    tracker: Tracker = field(default=no_tracker, compare=False)


class Index(ABC, Generic[Inputs]):
    """Stores documents and searches them, by the inner product of vectors or by texts.

    A fresh index is either built or loaded, once. The documents may be memory-mapped; an index
    that needs no copy of its own keeps the reference.
    """

    reads: ClassVar[Literal["vectors", "texts"]] = "vectors"
    searches_documents: bool = False
    """Whether a search reads the documents themselves, which then count as part of the index."""

    @abstractmethod
    def build(self, documents: Inputs, seed: int, router: Router | None) -> None:
        """Index the documents; `router` is the learned tree, if the trainer learned one."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write everything that `load` needs except the documents into `folder`, which is empty."""

    @abstractmethod
    def load(self, folder: Path, documents: Inputs) -> None:
        """Read what `save` wrote. `documents` are the indexed vectors; texts are ignored."""

    @abstractmethod
    def efforts(self, k: int) -> range:
        """Return the possible efforts of a search for `k` documents, the least work first."""

    @abstractmethod
    def search(self, queries: Inputs, k: int, effort: int) -> Hits:
        """Return the best `k` documents of each query.

        This is what is timed: it calls the library, and does nothing else that takes time.
        """

    @abstractmethod
    def cost(self, queries: Inputs, k: int, effort: int) -> Cost:
        """Return what `search` costs for each query. Never timed."""

    def add(self, ids: Positions, documents: Inputs) -> None:
        """Add documents without retraining; searches treat them like those indexed by `build`.

        `ids` (n,) are integers from 0 on that are not in use; documents of the corpus have their
        position as id. Raise InputError, with nothing changed, if an id or a document is not
        valid, or if the index cannot add documents.
        """
        name = type(self).__name__
        raise InputError(f"adding documents to {name} is not implemented; build it again with them")

    def remove(self, ids: Positions) -> None:
        """Remove documents without retraining, as if they had never been indexed.

        Raise InputError, with nothing changed, if one of the ids (n,) is unknown or a duplicate,
        or if the index cannot remove documents.
        """
        raise InputError(
            f"{type(self).__name__} cannot remove documents; build it again without them"
        )

    def posting_sizes(self) -> NDArray[np.int64] | None:
        """Return the number of entries in each leaf or list: each copy of a document counts.

        Return None if the index has no postings.
        """
        return None

    def use_threads(self, count: int) -> None:
        """Search on `count` threads from now on, if the library has threads of its own.

        The harness sets those of torch, Faiss, OpenMP and BLAS.
        """
