"""The sample that Faiss's k-means draws, in a file instead of in memory."""

import numpy as np

from methods.base import Array
from methods.engines.nearest import POINTS_PER_CENTROID
from methods.postings.memory_limit import MemoryLimit


def kmeans_sample(vectors: Array, count: int, seed: int, memory: MemoryLimit) -> Array:
    """Return the vectors of which `spherical_kmeans` learns `count` centroids, by memory map.

    These are the rows that Faiss would copy for the same seed, in the same order, so that the
    centroids are the same.
    """
    import faiss

    drawn = POINTS_PER_CENTROID * count
    if len(vectors) <= drawn:
        return vectors
    order = memory.matrix("order", (len(vectors),), np.int32)
    faiss.rand_perm(faiss.swig_ptr(order), len(vectors), seed + 1)
    sample: Array = memory.matrix("sample", (drawn, vectors.shape[1]), np.float32)
    for rows in memory.parts(drawn, vectors.shape[1] * 4):
        sample[rows] = vectors[order[rows]]
    return sample
