"""A Faiss index of what a form scans, between the transform before it and the rescoring after."""

from pathlib import Path
from typing import Any

import numpy as np

from methods.atomic_files import link_or_copy
from methods.base import Array, Hits, Positions
from methods.errors import InputError


class Layers:
    """The transform of queries, the index of what is scanned, and whole vectors that rescore.

    One call of Faiss searches all three. `core` is the inverted file or the graph.
    """

    def __init__(
        self,
        core: Any,
        chain: tuple[Any, ...] = (),
        rescore: int = 0,
        documents: Array | None = None,
        owner: Any = None,
        file: Path | None = None,
        quantizer: Any = None,
    ) -> None:
        """Put the layers together.

        Rescoring needs the `documents`, which Faiss copies; without them there is none. `owner` is
        a Faiss index that owns the others, `file` where its lists are, if they are mapped. Lists
        are found by the quantizer of `core`, or, before a transform, by `quantizer`.
        """
        import faiss

        self.core = core
        self._owner = owner
        self._file = file
        self.chain = chain
        self.rescore = rescore
        self._found: int | None = None
        self._core_parameters: Any = None
        self._index = core
        self._quantizer = quantizer
        if quantizer is not None:
            self._index = faiss.IndexIVFIndependentQuantizer(quantizer, core, *chain)
            self._index.is_trained = True
        elif chain:
            self._index = faiss.IndexPreTransform(core)
            for transform in reversed(chain):
                self._index.prepend_transform(transform)
        self._scanned = self._index
        if rescore and documents is not None:
            whole = faiss.IndexFlatIP(documents.shape[1])
            whole.add(documents)
            # Faiss insists on as many entries as vectors, but copies and removals make them differ.
            entries, self._scanned.ntotal = self._scanned.ntotal, whole.ntotal
            self._index = faiss.IndexRefine(self._scanned, whole)
            self._scanned.ntotal = entries

    @staticmethod
    def read(
        path: Path, rescore: int = 0, documents: Array | None = None, mapped: bool = False
    ) -> "Layers":
        """Read what `write` wrote. Lists that are `mapped` stay in the file, and cannot change."""
        import faiss

        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP if mapped else 0)
        core, quantizer = index, None
        chain: tuple[Any, ...] = ()
        if isinstance(index, faiss.IndexPreTransform):
            core = faiss.downcast_index(index.index)
            transforms = [index.chain.at(i) for i in range(index.chain.size())]
            chain = tuple(faiss.downcast_VectorTransform(each) for each in transforms)
        elif isinstance(index, faiss.IndexIVFIndependentQuantizer):
            core, quantizer = map(faiss.downcast_index, (index.index_ivf, index.quantizer))
            chain = (faiss.downcast_VectorTransform(index.vt),)
        if mapped:
            lists = faiss.downcast_InvertedLists(core.invlists)
            if isinstance(lists, faiss.OnDiskInvertedLists):
                lists.prefetch_nthread = 0  # a search has the threads that it is given
        owner, file = index if chain else None, path if mapped else None
        return Layers(core, chain, rescore, documents, owner, file, quantizer)

    def write(self, path: Path) -> None:
        """Write the transform and what is scanned in Faiss's format, without whole vectors."""
        import faiss

        if self._file is None:
            faiss.write_index(self._scanned, str(path))
        else:
            link_or_copy(self._file, path)

    def check_changeable(self) -> None:
        """Raise InputError if the lists are mapped, and so cannot change."""
        if self._file is not None:
            raise InputError(
                f"the lists are searched in {self._file}, which others may read; load the index "
                "without a limit of memory to change it"
            )

    @property
    def transform_macs(self) -> int:
        """The multiply-adds to transform a query."""
        return transform_macs(self.chain)

    @property
    def dimensions(self) -> int:
        """The width of queries, before the transform."""
        return int(self.chain[0].d_in if self.chain else self.core.d)

    @property
    def quantizer(self) -> Any:
        """The Faiss index that finds the lists of vectors as `routed` returns them."""
        return self.core.quantizer if self._quantizer is None else self._quantizer

    @property
    def routes_whole(self) -> bool:
        """Whether lists are found by whole vectors, before the transform."""
        return self._quantizer is not None

    def transformed(self, vectors: Array) -> Array:
        """Return vectors (n, dimensions) as they are scanned."""
        return transformed(self.chain, vectors)

    def routed(self, vectors: Array) -> Array:
        """Return vectors (n, dimensions) as their lists are found."""
        return vectors if self.routes_whole else self.transformed(vectors)

    def search(self, queries: Array, k: int) -> Hits:
        """Return the best `k` of the best max(`rescore`, k) by what is scanned."""
        if k != self._found:
            self._rescore_for(k)
        scores, ids = self._index.search(queries, k, params=self._parameters)
        return Hits(ids, scores)

    def set_core_parameters(self, parameters: Any) -> None:
        """Search `core` with Faiss's `parameters` for it from now on, or with its own if None."""
        self._core_parameters = parameters
        self._found = None

    def to_faiss(self, k: int) -> Any:
        """Return all layers as one Faiss index, for searches for `k` documents."""
        self._rescore_for(k)
        return self._index

    def check_new(self, ids: Positions) -> None:
        """Raise InputError if documents with these ids could not be rescored."""
        if self._index is self._scanned:
            return
        first = self._index.refine_index.ntotal
        if not np.array_equal(ids, np.arange(first, first + len(ids))):
            raise InputError(
                f"rescored documents are found by their position; give new ones the ids from "
                f"{first} on, in order"
            )

    def add_whole(self, documents: Array) -> None:
        """Add documents (n, dimensions) to those that rescore."""
        if self._index is not self._scanned:
            self._index.refine_index.add(documents)
            self._index.ntotal = self._index.refine_index.ntotal

    def _rescore_for(self, k: int) -> None:
        """Tell Faiss how many to rescore, as a multiple of `k`; setting it takes a microsecond."""
        import faiss

        self._parameters = self._core_parameters
        if self._index is not self._scanned:
            factor = self._index.k_factor = (max(self.rescore, k) + 0.5) / k
            if self._core_parameters is not None:
                self._parameters = faiss.IndexRefineSearchParameters(
                    k_factor=factor, base_index_params=self._core_parameters
                )
        self._found = k


def transformed(chain: tuple[Any, ...], vectors: Array) -> Array:
    """Return vectors (n, dimensions) after a chain of Faiss transforms."""
    for transform in chain:
        vectors = transform.apply(np.ascontiguousarray(vectors))
    return vectors


def transform_macs(chain: tuple[Any, ...]) -> int:
    """Return the multiply-adds of a chain of Faiss transforms for one vector."""
    import faiss

    kinds = faiss.LinearTransform, faiss.ITQTransform  # the others neither project nor rotate
    return sum(each.d_in * each.d_out for each in chain if isinstance(each, kinds))
