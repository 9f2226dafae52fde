"""Shorter vectors, by each of the three ways."""

import faiss
import numpy as np
import pytest

from methods.base import Array
from methods.errors import InputError
from methods.forms.layers import transform_macs, transformed
from methods.forms.short import (
    ShortForm,
    ShortSettings,
    linear_projection,
    linear_transform,
    principal_directions,
)
from tests.methods.pairs import tree, unit_vectors


@pytest.fixture(scope="module")
def documents() -> Array:
    """Vectors with more energy in some directions, and a mean."""
    return unit_vectors(0, 300) * np.linspace(2, 0.1, 16, dtype=np.float32) + np.float32(0.2)


def test_principal_directions_keep_the_most_of_inner_products(documents: Array):
    directions = principal_directions(documents, 6)
    assert np.allclose(directions.T @ directions, np.eye(6), atol=1e-5)

    def error(basis: Array) -> float:
        return float(np.linalg.norm(documents - documents @ basis @ basis.T))

    right = np.linalg.svd(documents, full_matrices=False)[2]  # the best of any rank
    assert np.isclose(error(directions), error(right[:6].T), rtol=1e-4)
    deviations = documents - documents.mean(axis=0)
    centred = np.linalg.svd(deviations, full_matrices=False)[2][:6].T
    assert error(directions) < error(centred)


def test_all_directions_keep_all_inner_products(documents: Array):
    (transform,) = ShortForm(ShortSettings(rank=16)).transform(documents, None)
    shortened = transform.apply(documents)
    assert np.allclose(shortened @ shortened.T, documents @ documents.T, atol=1e-4)


def test_a_linear_transform_multiplies_by_the_projection(documents: Array):
    projection = np.random.default_rng(0).normal(size=(16, 5)).astype(np.float32)
    transform = linear_transform(projection)
    assert np.allclose(transform.apply(documents), documents @ projection, atol=1e-5)
    assert transform_macs((transform,)) == 16 * 5
    assert np.array_equal(linear_projection((transform,)), projection)
    truncation = ShortForm(ShortSettings("truncation", rank=4)).transform(documents, None)
    assert linear_projection(truncation) is None and linear_projection(()) is None


def test_truncated_vectors_have_unit_length(documents: Array):
    chain = ShortForm(ShortSettings("truncation", rank=4)).transform(documents, None)
    first = documents[:, :4]
    expected = first / np.linalg.norm(first, axis=1, keepdims=True)
    assert np.allclose(transformed(chain, documents), expected, atol=1e-6)
    assert transform_macs(chain) == 0
    assert isinstance(chain[1], faiss.NormalizationTransform)


def test_a_projection_is_that_of_the_tree_whatever_the_rank(documents: Array):
    router = tree(documents, rank=5)
    form = ShortForm(ShortSettings("projection", rank=64))
    (transform,) = form.transform(documents, router)
    assert np.allclose(transform.apply(documents), documents @ router.projection, atol=1e-5)
    assert form.scans_as_routed and not form.lists_by_whole


def test_only_principal_directions_leave_the_lists_to_whole_vectors():
    ways = [
        (by, lists_by, ShortForm(ShortSettings(by, lists_by=lists_by)).lists_by_whole)
        for by in ("pca", "projection", "truncation")
        for lists_by in ("whole", "short")
    ]
    assert [(by, lists_by) for by, lists_by, by_whole in ways if by_whole] == [("pca", "whole")]


def test_a_projection_needs_a_tree_that_has_learned_one(documents: Array):
    form = ShortForm(ShortSettings("projection"))
    for router in (None, tree(documents)):
        with pytest.raises(InputError) as refused:
            form.transform(documents, router)
        assert str(refused.value) == (
            "short.by is projection, which only a tree with ehi.rank above 0 has learned; "
            "--set short.by=pca"
        )


@pytest.mark.parametrize("by", ["pca", "truncation"])
def test_vectors_do_not_get_longer(by: str, documents: Array):
    with pytest.raises(InputError) as refused:
        ShortForm(ShortSettings(by, rank=17)).transform(documents, None)  # type: ignore[arg-type]
    assert str(refused.value) == (
        "short.rank is 17, but the vectors have 16 dimensions; --set short.rank=16 or fewer"
    )


def test_settings_that_leave_nothing_to_scan_are_rejected():
    with pytest.raises(InputError, match=r"^short\.rank is 0; it must be at least 1$"):
        ShortSettings(rank=0)
    with pytest.raises(InputError, match=r"^short\.rescore is -1; it must be at least 0$"):
        ShortSettings(rescore=-1)
