"""Prepare vectors for indexes, which search by inner product, whatever the distance is."""

import math
from collections.abc import Mapping

import numpy as np

from harness.datasets.vectors.files import reading
from methods.encoder.vector_files import CHUNK, Distance, GivenVectors, VectorFile
from methods.errors import InputError

SAME_LENGTH = 1e-5
"""Lengths that differ by less, relatively, are the same: an inner product then ranks as they do."""


def prepared(
    documents: VectorFile, queries: Mapping[str, VectorFile], distance: str, sha256: str
) -> GivenVectors:
    """Return the vectors with what turns their distance into inner products.

    Documents of equal length rank by inner products as they do by cosines and by Euclidean
    distances, so these vectors stay as they are in their file.
    """
    given = GivenVectors(documents, queries, _as_distance(distance), sha256)
    if given.distance == "dot":
        return given
    total, least, largest = 0.0, math.inf, 0.0
    for start in range(0, documents.shape[0], CHUNK):
        with reading(documents.path, documents.name):
            chunk = documents.chunk(start)
        squares = np.einsum("ij,ij->i", chunk, chunk, dtype=np.float64)
        total += float(squares.sum())
        least, largest = min(least, float(squares.min())), max(largest, float(squares.max()))
    if largest - least <= SAME_LENGTH * largest:
        return GivenVectors(documents, queries, "dot", sha256)
    if given.distance == "angular":
        return given
    mean = total / documents.shape[0]
    if not math.isfinite(mean):
        raise InputError(f"{documents.path} has vectors that are not finite")
    return GivenVectors(documents, queries, "euclidean", sha256, mean / 2, math.sqrt(mean))


def _as_distance(distance: str) -> Distance:
    return "angular" if distance == "angular" else "euclidean" if distance == "euclidean" else "dot"
