"""Exact search, IVF and EHI's tree by Faiss on a GPU; needs a Faiss that is built for GPUs.

An index is built and saved by Faiss on the CPU, and copied to the GPU to be searched. A coarse
quantizer that has no form on the GPU, such as EHI's leaves behind a projection, stays on the CPU.
"""

from pathlib import Path
from typing import Any

from methods.base import Array, Hits, Positions, Router
from methods.ehi.tree_index import TreeIndex
from methods.errors import InputError
from methods.forms.form import Form
from methods.forms.rescoring import rescored
from methods.indexes.exact import ExactIndex
from methods.indexes.ivf import IvfIndex
from methods.postings.posting_index import PostingIndex
from methods.postings.spilling import without_repeats

MOST_FOUND = 2048
"""The most documents that Faiss returns on a GPU."""


class FaissGpuExact(ExactIndex):
    """Brute-force search over the matrix of documents on the GPU."""

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents of each query."""
        scores, ids = self._on_gpu.search(queries, k)
        return Hits(ids, scores)

    def _keep(self, documents: Array) -> None:
        import faiss

        super()._keep(documents)
        flat = faiss.IndexFlatIP(documents.shape[1])
        flat.add(documents)
        self._resources = faiss.StandardGpuResources()
        self._on_gpu = copy_to_gpu(self._resources, flat)


class FaissGpuLists(PostingIndex):
    """An index of posting lists that is searched by a copy on the GPU."""

    _form: Form

    def build(self, documents: Array, seed: int, router: Router | None) -> None:
        """Build the index on the CPU and copy it to the GPU."""
        super().build(documents, seed, router)  # type: ignore[safe-super]
        self._copy()

    def load(self, folder: Path, documents: Array) -> None:
        """Read the index and copy it to the GPU."""
        super().load(folder, documents)  # type: ignore[safe-super]
        self._copy()

    def search(self, queries: Array, k: int, effort: int) -> Hits:
        """Return the best `k` documents of the `effort` lists that each query is led to."""
        import faiss

        found = k * self.copies
        depth = self._form.depth(found)
        if depth > MOST_FOUND:
            raise InputError(f"Faiss returns at most {MOST_FOUND} documents on a GPU, not {depth}")
        parameters = faiss.SearchParametersIVF(nprobe=effort)
        scores, ids = self._on_gpu.search(queries, depth, params=parameters)
        if self._rescoring is not None:
            scores, ids = reversed(rescored(ids, queries, self._rescoring, found))
        return without_repeats(ids, scores, k) if self.copies > 1 else Hits(ids, scores)

    def add(self, ids: Positions, documents: Array) -> None:
        """Add documents on the CPU and copy the index again."""
        super().add(ids, documents)
        self._copy()

    def remove(self, ids: Positions) -> None:
        """Remove documents on the CPU and copy the index again."""
        super().remove(ids)
        self._copy()

    def _copy(self) -> None:
        import faiss

        if self.by_mass:
            raise InputError(
                "Faiss searches as many lists for every query on a GPU; --set tree.beam=fixed and "
                "ivf.beam=fixed"
            )
        if not self.routes_itself:
            raise InputError(
                "Faiss does not choose the leaves of this tree itself; --search-device cuda "
                "searches it by torch"
            )
        core, self._rescoring = scan_and_rescoring(self.postings.to_faiss(1, 1))
        if not isinstance(core, faiss.IndexIVFFlat | faiss.IndexIVFPQ):
            raise InputError(
                f"Faiss has no +{self._form.name} on a GPU; use whole vectors, or +pq with "
                "--set pq.bits=8"
            )
        self._resources = faiss.StandardGpuResources()
        self._on_gpu = copy_to_gpu(self._resources, core)


class FaissGpuIvf(FaissGpuLists, IvfIndex):
    """K-means lists on the GPU; effort is nprobe."""


class FaissGpuTree(FaissGpuLists, TreeIndex):
    """EHI's leaves as the lists of an inverted file on the GPU; effort is the beam's width."""


def scan_and_rescoring(index: Any) -> tuple[Any, Array | None]:
    """Return what a Faiss index scans, and the vectors (documents, m) that it rescores with.

    The vectors are a view of the index's own memory, valid until documents are added or removed;
    None if the index does not rescore.
    """
    import faiss

    if not isinstance(index, faiss.IndexRefine):
        return index, None
    whole = faiss.downcast_index(index.refine_index)
    shape = whole.ntotal, whole.d
    vectors: Array = faiss.rev_swig_ptr(whole.get_xb(), shape[0] * shape[1]).reshape(shape)
    return faiss.downcast_index(index.base_index), vectors


def copy_to_gpu(resources: Any, index: Any) -> Any:
    """Return a copy of a Faiss index on the first GPU."""
    import faiss

    options = faiss.GpuClonerOptions()
    options.allowCpuCoarseQuantizer = True
    return faiss.index_cpu_to_gpu(resources, 0, index, options)
