"""Indexes of document vectors that know their leaf, held to the scores that they stand for."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from methods.base import Array, Index, Resources, Router
from methods.errors import InputError
from methods.indexes.fused_vectors import FusedSettings
from methods.indexes.hnsw import HnswSettings
from methods.indexes.ivf import IvfSettings
from methods.registry import method
from methods.settings import NoSettings
from tests.methods.pairs import tree, unit_vectors

WEIGHT, LEAVES, K = 0.3, 8, 60
DOCUMENTS, QUERIES = unit_vectors(0, 300), unit_vectors(1, 30)
SETTINGS: dict[str, Any] = {
    "fused": FusedSettings(WEIGHT),
    "exact": NoSettings(),
    "ivf": IvfSettings(lists=20),
    "hnsw": HnswSettings(),
}


@pytest.fixture(scope="module")
def router() -> Router:
    return tree(DOCUMENTS, rank=5, leaves=LEAVES)


@pytest.fixture(scope="module")
def expected(router: Router) -> Array:
    """The best documents by u . v + WEIGHT log p(leaf of v | u)."""
    leaves, log_probabilities = router.beam(QUERIES, LEAVES)
    by_leaf = np.take_along_axis(log_probabilities, np.argsort(leaves, axis=1), axis=1)
    scores = QUERIES @ DOCUMENTS.T + WEIGHT * by_leaf[:, router.assign(DOCUMENTS, 1)[:, 0]]
    return np.argsort(-scores, axis=1)[:, :K]


def built(row: str, router: Router | None, resources: Resources, **settings: Any) -> Index[Array]:
    index = method(row).new_index(SETTINGS | settings, resources)
    index.build(DOCUMENTS, 0, router)
    return index


@pytest.mark.parametrize("row", ["exact", "ivf", "hnsw"])
def test_an_index_of_fused_vectors_finds_the_best_by_vector_and_leaf(
    row: str, router: Router, expected: Array, resources: Resources, tmp_path: Path
):
    pytest.importorskip("hnswlib" if row == "hnsw" else "faiss")
    name = f"ehi-vectors+{row}"
    index = built(name, router, resources)
    most = index.efforts(K)[-1]
    assert np.array_equal(index.search(QUERIES, K, most).ids, expected)
    index.save(tmp_path)
    assert (tmp_path / "fused.npy").exists() == (row == "exact")  # the others have copies
    loaded = method(name).new_index(SETTINGS, resources)
    loaded.load(tmp_path, DOCUMENTS)
    assert np.array_equal(loaded.search(QUERIES, K, most).ids, expected)
    assert loaded.cost(QUERIES, K, most).visited.max() <= len(DOCUMENTS)


def test_weight_0_leaves_the_vectors_as_they_are(router: Router, resources: Resources):
    index = built("ehi-vectors+exact", router, resources, fused=FusedSettings(0.0))
    nearest = np.argsort(-QUERIES @ DOCUMENTS.T, axis=1)[:, :K]
    assert np.array_equal(index.search(QUERIES, K, 1).ids, nearest)


def test_fused_vectors_need_a_linear_tree(resources: Resources):
    with pytest.raises(InputError, match="need a trainer that learns a tree"):
        built("ehi-vectors+exact", None, resources)
    mixed = tree(DOCUMENTS, 5, mixer="relu", leaves=LEAVES)
    with pytest.raises(InputError, match=r"fused\.weight is 0\.3, which needs a tree"):
        built("ehi-vectors+exact", mixed, resources)
    with pytest.raises(InputError, match=r"fused\.weight is -1"):
        FusedSettings(-1)
