"""The common interface: a method is a trainer and an index.

A trainer learns an encoder (and, for EHI, an indexer) from pairs; an index places
and searches vectors. Every two-stage baseline and EHI are rows that combine the two.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Generic, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from methods.errors import InputError
from methods.texts import Ids, Texts

Array = NDArray[np.float32]
Positions = NDArray[np.int64]
Inputs = TypeVar("Inputs", Array, Sequence[str])
"""What an index reads of documents and queries: vectors (n, dimensions), or texts."""


@dataclass(frozen=True)
class Corpus:
    """The documents: their ids and the texts that are encoded, position by position."""

    ids: Ids
    texts: Texts

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Pairs:
    """Training queries with their relevant documents, in compressed rows.

    Query i is `queries[i]`; its relevant documents are the corpus positions
    `documents[starts[i]:starts[i + 1]]`, at least one.
    """

    queries: Texts
    starts: Positions
    documents: Positions

    def __len__(self) -> int:
        return len(self.queries)


@dataclass(frozen=True)
class Hits:
    """What a search found.

    `ids` (n, k) are corpus positions, or the ids that `Index.add` was given, by falling score,
    -1 where fewer were found; `scores` (n, k) are inner products, or what an index of texts
    scores by.
    """

    ids: Positions
    scores: Array


@dataclass(frozen=True)
class Cost:
    """What a search spends, a number per query.

    `visited` counts the distinct documents that were scored, by their vector or by its code.
    `scan_macs` are the multiply-adds of scoring them, a look-up in a table of distances
    counting as one; `route_macs` are those of choosing them. `exact` says whether every query
    was counted. `counted` holds the positions of the queries that the numbers are of where
    counting every query would take too long, else None.
    """

    visited: NDArray[np.int64]
    scan_macs: NDArray[np.int64]
    route_macs: NDArray[np.int64]
    exact: bool = True
    counted: Positions | None = None


class Router(Protocol):
    """A learned tree that leads a vector to leaves. See methods/ehi/tree_router.py."""

    @property
    def leaves(self) -> int:
        """The number of leaves."""
        ...

    @property
    def projection(self) -> Array | None:
        """P (m, r), if the tree reads P^T u instead of u."""
        ...

    def linear_weights(self) -> Array | None:
        """Return W (leaves, r) where leaves rank by the inner products W P^T u alone, else None."""
        ...

    def beam(self, vectors: Array, width: int) -> tuple[Positions, Array]:
        """Return the leaves (n, width) each vector reaches and their log-probabilities."""
        ...

    def assign(self, documents: Array, copies: int) -> Positions:
        """Return the leaves (n, copies) that each document belongs in, the best first."""
        ...

    def macs(self, width: int) -> int:
        """Return the multiply-adds of one vector's beam."""
        ...

    @property
    def formula(self) -> str:
        """How a vector is led to leaves, in the names of `tensors`."""
        ...

    def tensors(self) -> Mapping[str, Array]:
        """Return by name the weights that lead a vector to leaves."""
        ...

    def save(self, path: Path) -> None:
        """Write what the trainer's `load_router` reads."""
        ...


class Advance(Protocol):
    """Moves a progress bar by a number of steps."""

    def __call__(self, steps: int = 1) -> None:
        """Move the bar."""
        ...


ProgressBar = Callable[[str, int], AbstractContextManager[Advance]]
"""Opens a progress bar from a description and a total, for the steps of a long task."""


def no_progress(description: str, total: int) -> AbstractContextManager[Advance]:
    """Open a progress bar that shows nothing."""
    return nullcontext(lambda steps=1: None)


@dataclass(frozen=True)
class Resources:
    """What a computation may use: a device, a cache folder and a way to show progress.

    `checkpoint` is where a long one may keep what it has done so far.
    """

    device: str
    cache: Path
    progress: ProgressBar = field(default=no_progress, compare=False)
    checkpoint: Path | None = field(default=None, compare=False)


class Index(ABC, Generic[Inputs]):
    """Places documents and searches them, by the inner product of vectors or by texts.

    A fresh index is either built or loaded, once. The documents given to it may be
    memory-mapped; one that does not need its own copy keeps the reference.
    """

    reads: ClassVar[Literal["vectors", "texts"]] = "vectors"
    searches_documents: bool = False
    """Whether a search reads the documents themselves; they then count to the index's size."""

    @abstractmethod
    def build(self, documents: Inputs, seed: int, router: Router | None) -> None:
        """Index the documents; `router` is the learned tree, where the trainer learned one."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write into `folder`, which is empty, what `load` needs beside the documents."""

    @abstractmethod
    def load(self, folder: Path, documents: Inputs) -> None:
        """Read what `save` wrote, for the vectors that were indexed; texts are not given again."""

    @abstractmethod
    def efforts(self) -> range:
        """Return the values of the effort knob; a larger one scores no fewer documents."""

    @abstractmethod
    def search(self, queries: Inputs, k: int, effort: int) -> Hits:
        """Return the best `k` documents of each query."""

    @abstractmethod
    def cost(self, queries: Inputs, effort: int) -> Cost:
        """Return what `search` spends on each query. Never timed."""

    def add(self, ids: Positions, documents: Inputs) -> None:
        """Add documents as if they had been there when the index was built, untrained by them.

        `ids` (n,) are whole numbers from 0 on that no document has; those of the corpus are its
        positions. Raise InputError, with nothing changed, for others, for documents that do not
        fit, and where the index takes none.
        """
        raise InputError(f"{type(self).__name__} cannot add documents; build it anew with them")

    def remove(self, ids: Positions) -> None:
        """Remove documents as if they had not been there when the index was built.

        Raise InputError, with nothing changed, where an id (n,) is not there or stands twice,
        and where the index lets none go.
        """
        raise InputError(
            f"{type(self).__name__} cannot remove documents; build it anew without them"
        )

    def posting_sizes(self) -> NDArray[np.int64] | None:
        """Return the number of documents in each leaf or list, a copy counting as one.

        Return None where the index has no postings.
        """
        return None

    def use_threads(self, count: int) -> None:
        """Search on `count` threads from here on, where the library has its own threads.

        Those of torch, Faiss, OpenMP and BLAS are set by the harness.
        """
