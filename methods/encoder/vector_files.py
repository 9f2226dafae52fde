"""Vectors that are given in files instead of texts, read by memory map."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from methods.base import Array, Positions
from methods.settings import EncoderSettings

Distance = Literal["dot", "angular", "euclidean"]
FLOAT32 = np.dtype("<f4").str
CHUNK = 65536
GIVEN = EncoderSettings(
    name="given", train="frozen", head="none", normalise=False, precision="fp32"
)
"""The settings of every encoder of given vectors: they decide nothing."""


@dataclass(frozen=True)
class VectorFile:
    """A matrix (n, dimensions) in a file: contiguous from `offset` on, or a chunked one of HDF5."""

    path: Path
    shape: tuple[int, int]
    dtype: str  # as numpy writes it, such as "<f4"
    offset: int | None  # in bytes; None for an HDF5 dataset that is stored in chunks
    name: str = ""  # of the HDF5 dataset

    def open(self) -> Any:
        """Return the matrix as a read-only memory map, or as a dataset of h5py."""
        if self.offset is not None:
            return np.memmap(self.path, self.dtype, "r", self.offset, self.shape)
        import h5py

        return h5py.File(self.path, "r")[self.name]

    def rows(self, positions: Positions) -> Array:
        """Return the vectors (n, dimensions) at distinct positions, in fp32."""
        matrix = self.open()
        if self.offset is None:  # h5py reads rows in increasing order alone
            order = np.argsort(positions)
            read = np.empty((len(positions), self.shape[1]), dtype=np.float32)
            read[order] = matrix[positions[order]]
            return read
        return np.asarray(matrix[positions], dtype=np.float32)

    def chunk(self, start: int) -> Array:
        """Return the next `CHUNK` vectors from a position on, in fp32."""
        return np.asarray(self.open()[start : start + CHUNK], dtype=np.float32)

    @property
    def pointer(self) -> dict[str, Any]:
        """What `from_pointer` reads, as JSON."""
        return {**asdict(self), "path": str(self.path), "shape": list(self.shape)}

    @staticmethod
    def from_pointer(pointer: Mapping[str, Any]) -> "VectorFile":
        """Return the file that a pointer names."""
        path, shape = Path(pointer["path"]), tuple(pointer["shape"])
        return VectorFile(path, shape, pointer["dtype"], pointer["offset"], pointer["name"])


@dataclass(frozen=True)
class GivenVectors:
    """The vectors of a dataset's documents, and of its queries by file.

    Indexes search by inner product. For cosines ("angular"), vectors are normalised. For Euclidean
    distances, a document x becomes (x, (offset - |x|^2 / 2) / scale) and a query q becomes
    (q, scale): of these, the inner product is largest where |q - x| is smallest.
    """

    documents: VectorFile
    queries: Mapping[str, VectorFile]
    distance: Distance
    sha256: str  # over the contents of all files
    offset: float = 0.0
    scale: float = 1.0

    @property
    def dimensions(self) -> int:
        """The width of the vectors that are searched."""
        return self.documents.shape[1] + (self.distance == "euclidean")

    def mapped_documents(self) -> VectorFile | None:
        """Return the file of the documents if their vectors are searched as they are in it."""
        file = self.documents
        as_given = self.distance == "dot" and file.dtype == FLOAT32 and file.offset is not None
        return file if as_given else None

    def document_vectors(self, positions: Positions) -> Array:
        """Return the vectors (n, dimensions) of documents as they are searched."""
        vectors = self.documents.rows(positions)
        if self.distance == "euclidean":
            half = np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64) / 2
            last = ((self.offset - half) / self.scale).astype(np.float32)
            return np.column_stack([vectors, last])
        return self._normalised(vectors)

    def query_vectors(self, name: str, positions: Positions) -> Array:
        """Return the vectors (n, dimensions) of the queries of a file as they search."""
        vectors = self.queries[name].rows(positions)
        if self.distance == "euclidean":
            return np.column_stack([vectors, np.full(len(vectors), self.scale, np.float32)])
        return self._normalised(vectors)

    def _normalised(self, vectors: Array) -> Array:
        if self.distance != "angular":
            return vectors
        squares = np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64)  # no overflow
        norms = np.sqrt(squares)[:, None]
        return np.asarray(vectors / np.where(norms > 0, norms, 1), dtype=np.float32)


def query_name(file: str, row: int) -> str:
    """Return the text that names a query: its file and its row in it."""
    return f"{file} {row}"
