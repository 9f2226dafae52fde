"""The interface of forms, and the plainest of them: whole vectors."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from methods.base import Array, Positions, Router
from methods.forms.list_entries import append
from methods.settings import NoSettings, check_range


@dataclass(frozen=True)
class Multiplications:
    """Multiply-adds of a scan: a look-up in a table of partial distances counts as one."""

    document: int  # for each document that is scored
    query: int = 0  # once a query, such as its tables of partial distances
    posting: int = 0  # for each list that is scanned and not empty


class Form:
    """What is scanned: by itself whole vectors, without rescoring.

    A form makes the parts of a Faiss index. The transform, the codes and what they were trained on
    are in Faiss's file, so that a form has no state but its settings.
    """

    name: ClassVar[str] = "whole"
    is_codes: ClassVar[bool] = False
    """Whether codes are scanned, and not vectors of floats."""
    of_residuals: ClassVar[bool] = False
    """Whether codes are of differences from a list's centroid, which Faiss asks its quantizer."""
    scans_as_routed: bool = False
    """Whether what is scanned is also what a learned tree routes by."""
    lists_by_whole: bool = False
    """Whether lists are found by whole vectors, although others are scanned."""
    rescore: int = 0
    """The best documents by what is scanned that are scored again with whole vectors; 0: none.

    A search for more than `rescore` documents rescores as many as it returns.
    """

    def __init__(self, settings: NoSettings) -> None:
        pass

    def transform(self, documents: Array, router: Router | None) -> tuple[Any, ...]:
        """Return the Faiss transforms of documents and queries, learned from the documents."""
        return ()

    def lists(self, quantizer: Any, count: int, vectors: Array, seed: int) -> Any:
        """Return an empty Faiss inverted file of `count` lists, which the quantizer chooses.

        `vectors` (documents, dimensions), after the transform, are those that codes are learned on.
        """
        import faiss

        index = faiss.IndexIVFFlat(quantizer, vectors.shape[1], count, faiss.METRIC_INNER_PRODUCT)
        index.is_trained = True
        return index

    def packed(self, lists: Any) -> Any:
        """Return the inverted file as it is searched, with the same entries."""
        return lists

    def filled(
        self, quantizer: Any, count: int, vectors: Array, lists: Positions, seed: int
    ) -> Any:
        """Return the inverted file of vectors (documents, dimensions), each in its lists."""
        empty = self.lists(quantizer, count, vectors, seed)
        append(empty, np.arange(len(vectors)), vectors, lists)
        return self.packed(empty)

    def graph(self, vectors: Array, neighbours: int, seed: int) -> Any:
        """Return an empty Faiss HNSW graph whose codes are learned on `vectors`."""
        import faiss

        return faiss.IndexHNSWFlat(vectors.shape[1], neighbours, faiss.METRIC_INNER_PRODUCT)

    def depth(self, k: int) -> int:
        """Return how many documents are found by what is scanned, to return the best `k`."""
        return max(k, self.rescore)

    def rescoring_macs(
        self, visited: NDArray[np.int64], k: int, dimensions: int
    ) -> NDArray[np.int64]:
        """Return the multiply-adds (n,) to rescore, given the documents (n,) that were scanned."""
        return np.minimum(visited, self.depth(k)) * dimensions if self.rescore else 0 * visited

    def multiplications(self, dimensions: int) -> Multiplications:
        """Return the multiply-adds of scanning vectors of `dimensions` after the transform."""
        return Multiplications(document=dimensions)


WHOLE = Form(NoSettings())


def check_rescore(form: str, rescore: int) -> None:
    """Raise InputError if `rescore` is negative."""
    check_range(f"{form}.rescore", rescore, 0)
