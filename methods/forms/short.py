"""Shorter vectors: a projection to the directions that matter, learned or not, or a truncation.

Truncation is meant for encoders trained for it (Kusupati et al.: Matryoshka Representation
Learning, NeurIPS 2022).
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from methods.automatic import CorpusSize, check_rule_range, multiples, rank_for, setting
from methods.base import Array, Router
from methods.errors import InputError
from methods.forms.form import Form, check_rescore

LEARNED_ON = 100_000
"""The most documents whose directions are computed; the first ones, evenly spaced."""


def ways_to_lists(size: CorpusSize, settings: "ShortSettings") -> tuple[str, ...]:
    """Return the menu of `lists_by`, which only principal directions have a use for."""
    return ("whole", "short") if settings.by == "pca" else ()


@dataclass(frozen=True)
class ShortSettings:
    """How vectors are shortened, and how many documents are rescored."""

    by: Literal["pca", "projection", "truncation"] = "pca"
    """pca: the directions of most energy; projection: what EHI's tree learned to route by."""
    rank: int = setting(64, auto=rank_for, menu=multiples(rank_for, (1, 0.5, 2)))
    """The dimensions that are left; a learned projection has its own."""
    rescore: int = setting(30, menu=(30, 0, 10, 100))
    lists_by: Literal["whole", "short"] = setting(
        "whole", menu=ways_to_lists, since="0.3", before="short"
    )
    """Which vectors find the lists; with a projection or truncation, always the short ones."""

    def __post_init__(self) -> None:
        """Reject values that leave nothing to scan."""
        check_rule_range("short.rank", self.rank, 1)
        check_rescore("short", self.rescore)


class ShortForm(Form):
    """Vectors of fewer dimensions, which are scanned and linked like whole ones.

    Principal directions keep what makes documents similar, not what separates the nearest list from
    the next. So by default, whole vectors find the lists, which Faiss can do before one transform,
    but not before the two of a truncation.
    """

    name = "short"

    def __init__(self, settings: ShortSettings) -> None:
        self._settings = settings
        self.rescore = settings.rescore
        self.scans_as_routed = settings.by == "projection"
        self.lists_by_whole = settings.by == "pca" and settings.lists_by == "whole"

    def transform(self, documents: Array, router: Router | None) -> tuple[Any, ...]:
        """Return a linear map, or for truncation a choice of dimensions and normalisation."""
        import faiss

        by, dimensions = self._settings.by, documents.shape[1]
        if by == "projection":
            if router is None or router.projection is None:
                raise not_learned()
            return (linear_transform(router.projection),)
        rank = self._settings.rank
        if rank > dimensions:
            raise InputError(
                f"short.rank is {rank}, but the vectors have {dimensions} dimensions; "
                f"--set short.rank={dimensions} or fewer"
            )
        if by == "truncation":
            return (
                faiss.RemapDimensionsTransform(dimensions, rank, False),
                faiss.NormalizationTransform(rank),
            )
        sample = documents[:: max(1, len(documents) // LEARNED_ON)]
        return (linear_transform(principal_directions(sample, rank)),)

    def lists(self, quantizer: Any, count: int, vectors: Array, seed: int) -> Any:
        """Return an empty inverted file, without a quantizer if whole vectors find its lists."""
        import faiss

        if self.lists_by_whole:
            quantizer = faiss.IndexFlatIP(vectors.shape[1])
        return super().lists(quantizer, count, vectors, seed)


def not_learned() -> InputError:
    """Return the error of a method that is to scan a projection which it has not learned."""
    return InputError(
        "short.by is projection, which only a tree with ehi.rank above 0 has learned; "
        "--set short.by=pca"
    )


def principal_directions(vectors: Array, rank: int) -> Array:
    """Return the orthonormal P (m, rank) that keeps most of the inner products of vectors (n, m).

    These are the eigenvectors of the largest eigenvalues of the second moments. Unlike in a PCA of
    deviations, the mean stays, which inner products depend on.
    """
    _, directions = np.linalg.eigh((vectors.T @ vectors).astype(np.float64))
    return np.ascontiguousarray(directions[:, ::-1][:, :rank], dtype=np.float32)


def linear_transform(projection: Array) -> Any:
    """Return P (m, r) as a Faiss transform from u to P^T u."""
    import faiss

    transform = faiss.LinearTransform(*projection.shape, False)
    faiss.copy_array_to_vector(np.ascontiguousarray(projection.T).ravel(), transform.A)
    transform.is_trained = True
    return transform


def linear_projection(chain: tuple[Any, ...]) -> Array | None:
    """Return P (m, r) if the Faiss transforms are a single linear one, else None."""
    import faiss

    if len(chain) != 1 or not isinstance(chain[0], faiss.LinearTransform):
        return None
    matrix = faiss.vector_to_array(chain[0].A).reshape(chain[0].d_out, chain[0].d_in)
    return np.ascontiguousarray(matrix.T)
