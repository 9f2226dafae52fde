"""Codes: 8-bit scalars, product codes that are scanned in registers, and RaBitQ.

Product codes: Jegou, Douze and Schmid: Product Quantization for Nearest Neighbor Search, TPAMI
2011; scanned in registers: Andre, Kermarrec and Le Scouarnec, VLDB 2015. RaBitQ: Gao and Long,
SIGMOD 2024. All by Faiss.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from methods.automatic import setting
from methods.base import Array
from methods.errors import InputError
from methods.forms.form import Form, Multiplications, check_rescore
from methods.settings import check_range

BITS_PER_LOOKUP = 4


@dataclass(frozen=True)
class Sq8Settings:
    """How many documents are rescored after a scan of 8-bit scalars."""

    rescore: int = setting(20, menu=(20, 0, 10, 50))

    def __post_init__(self) -> None:
        """Reject a negative number."""
        check_rescore("sq8", self.rescore)


@dataclass(frozen=True)
class PqSettings:
    """The blocks that vectors are cut into, the bits of a block's code, and rescoring."""

    dimensions_per_block: int = setting(4, menu=(4, 2, 8))
    bits: int = 4  # or 8; 4 are scanned in registers, under lists alone
    rescore: int = setting(100, menu=(100, 30, 300))

    def __post_init__(self) -> None:
        """Reject values that build no codes."""
        check_range("pq.dimensions_per_block", self.dimensions_per_block, 1)
        if self.bits not in (BITS_PER_LOOKUP, 8):
            raise InputError(f"pq.bits is {self.bits}; it must be 4 or 8")
        check_rescore("pq", self.rescore)


@dataclass(frozen=True)
class RabitqSettings:
    """How many documents are rescored after a scan of one bit a dimension."""

    rescore: int = setting(100, menu=(100, 30, 300))

    def __post_init__(self) -> None:
        """Reject a negative number."""
        check_rescore("rabitq", self.rescore)


class Sq8Form(Form):
    """A byte for each dimension, scaled to the range that the documents have in it."""

    name = "sq8"
    is_codes = True

    def __init__(self, settings: Sq8Settings) -> None:
        self.rescore = settings.rescore

    def lists(self, quantizer: Any, count: int, vectors: Array, seed: int) -> Any:
        """Return an empty IndexIVFScalarQuantizer."""
        import faiss

        return _trained(
            faiss.IndexIVFScalarQuantizer(
                quantizer,
                vectors.shape[1],
                count,
                faiss.ScalarQuantizer.QT_8bit,
                faiss.METRIC_INNER_PRODUCT,
                False,  # codes of the vectors themselves, which one table of a query serves
            ),
            vectors,
        )

    def graph(self, vectors: Array, neighbours: int, seed: int) -> Any:
        """Return an empty IndexHNSWSQ."""
        import faiss

        index = faiss.IndexHNSWSQ(
            vectors.shape[1],
            faiss.ScalarQuantizer.QT_8bit,
            neighbours,
            faiss.METRIC_INNER_PRODUCT,
        )
        index.train(vectors)
        return index


class PqForm(Form):
    """A code for each block of dimensions: the nearest of 16 or 256 centres."""

    name = "pq"
    is_codes = True

    def __init__(self, settings: PqSettings) -> None:
        self._settings = settings
        self.rescore = settings.rescore

    def lists(self, quantizer: Any, count: int, vectors: Array, seed: int) -> Any:
        """Return an empty IndexIVFPQ whose codes do not depend on the list."""
        import faiss

        pq = faiss.ProductQuantizer(vectors.shape[1], self._blocks(vectors), self._settings.bits)
        _seed(pq, seed)
        pq.train(vectors)
        return _pq_lists(quantizer, count, pq)

    def packed(self, lists: Any) -> Any:
        """Return codes of four bits in the order in which registers read them."""
        import faiss

        return lists if self._settings.bits > BITS_PER_LOOKUP else faiss.IndexIVFPQFastScan(lists)

    def graph(self, vectors: Array, neighbours: int, seed: int) -> Any:
        """Return an empty IndexHNSWPQ."""
        import faiss

        if self._settings.bits == BITS_PER_LOOKUP:
            raise InputError("a graph cannot scan codes of 4 bits; --set pq.bits=8, or use +sq8")
        blocks = self._blocks(vectors)
        index = faiss.IndexHNSWPQ(
            vectors.shape[1], blocks, neighbours, self._settings.bits, faiss.METRIC_INNER_PRODUCT
        )
        _seed(faiss.downcast_index(index.storage).pq, seed)
        index.train(vectors)
        return index

    def multiplications(self, dimensions: int) -> Multiplications:
        """Count a look-up for each block, and once the query's table with every centre."""
        blocks = dimensions // self._settings.dimensions_per_block
        return Multiplications(document=blocks, query=2**self._settings.bits * dimensions)

    def _blocks(self, vectors: Array) -> int:
        documents, dimensions = vectors.shape
        per_block, centres = self._settings.dimensions_per_block, 2**self._settings.bits
        if dimensions % per_block:
            near = max(n for n in range(1, per_block) if dimensions % n == 0)
            raise InputError(
                f"pq.dimensions_per_block is {per_block}, which does not divide the {dimensions} "
                f"dimensions; --set pq.dimensions_per_block={near}"
            )
        if documents < centres:
            raise InputError(
                f"codes of {self._settings.bits} bits need {centres} documents, but the corpus has "
                f"{documents}; leave out +pq"
            )
        return int(dimensions // per_block)


class RabitqForm(Form):
    """A bit for each dimension of the difference from the list's centroid."""

    name = "rabitq"
    is_codes = True
    of_residuals = True

    def __init__(self, settings: RabitqSettings) -> None:
        self.rescore = settings.rescore

    def lists(self, quantizer: Any, count: int, vectors: Array, seed: int) -> Any:
        """Return an empty IndexIVFRaBitQ.

        It is searched as it is: Faiss's fast scan of the same codes makes tables for each list of a
        query, so that single queries take a fifth to a half longer.
        """
        import faiss

        return _trained(
            faiss.IndexIVFRaBitQ(quantizer, vectors.shape[1], count, faiss.METRIC_INNER_PRODUCT),
            vectors,
        )

    def graph(self, vectors: Array, neighbours: int, seed: int) -> Any:
        """Raise InputError: over such codes, Faiss's graph aborts the process."""
        raise InputError("a graph cannot scan RaBitQ's codes; use +sq8")

    def multiplications(self, dimensions: int) -> Multiplications:
        """Count four bits as one look-up, and the difference from each list's centroid."""
        return Multiplications(document=-(-dimensions // BITS_PER_LOOKUP), posting=dimensions)


def _trained(index: Any, vectors: Array) -> Any:
    """Return a Faiss inverted file whose codes are trained, without training its quantizer."""
    import faiss

    lists = np.zeros(len(vectors), dtype=np.int64)
    vectors = np.ascontiguousarray(vectors)
    index.train_encoder(len(vectors), faiss.swig_ptr(vectors), faiss.swig_ptr(lists))
    index.is_trained = True
    return index


def _pq_lists(quantizer: Any, count: int, pq: Any) -> Any:
    """Return an empty IndexIVFPQ with a trained product quantizer."""
    import faiss

    index = faiss.IndexIVFPQ(quantizer, pq.d, count, pq.M, pq.nbits, faiss.METRIC_INNER_PRODUCT)
    index.by_residual = False
    index.pq = pq
    index.is_trained = True
    return index


def _seed(quantizer: Any, seed: int) -> None:
    quantizer.cp.min_points_per_centroid = 1  # how few is the user's choice
    quantizer.cp.seed = seed + 1  # Faiss replaces 0 by its default
