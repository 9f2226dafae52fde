"""What is scanned between its transform and whole vectors that rescore it."""

from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from methods.base import Array
from methods.errors import InputError
from methods.forms.layers import Layers
from methods.forms.short import linear_transform
from tests.methods.pairs import unit_vectors

DOCUMENTS = unit_vectors(0, 80)
PROJECTION = np.linalg.qr(np.random.default_rng(2).normal(size=(16, 6)))[0].astype(np.float32)


def layers(rescore: int, documents: Array = DOCUMENTS) -> Layers:
    """Scan vectors of six dimensions."""
    core = faiss.IndexFlatIP(6)
    core.add(documents @ PROJECTION)
    return Layers(core, (linear_transform(PROJECTION),), rescore, documents)


@settings(max_examples=60, deadline=None)
@given(k=st.integers(1, 90), rescore=st.integers(0, 120), seed=st.integers(0, 1000))
def test_the_best_that_were_scanned_are_in_the_exact_order(k: int, rescore: int, seed: int):
    queries = unit_vectors(seed, 3)
    hits = layers(rescore).search(queries, k)
    exact, scanned = queries @ DOCUMENTS.T, queries @ PROJECTION @ (DOCUMENTS @ PROJECTION).T
    for row in range(3):
        order = np.argsort(-scanned[row])[: max(k, rescore)]
        if rescore:
            order = order[np.argsort(-exact[row, order])]
        expected = order[:k]
        assert hits.ids[row, : len(expected)].tolist() == expected.tolist()
        assert (hits.ids[row, len(expected) :] == -1).all()
        scores = exact if rescore else scanned
        assert np.allclose(hits.scores[row, : len(expected)], scores[row, expected], atol=1e-5)


@pytest.mark.parametrize("k", [1, 3, 97, 99, 1000, 4097])
def test_exactly_as_many_are_rescored_as_the_setting_says(k: int):
    some = layers(rescore=100)
    some.search(DOCUMENTS[:1], k)
    assert int(np.float32(k) * np.float32(some._index.k_factor)) == max(100, k)


def test_without_documents_nothing_is_rescored():
    core = faiss.IndexFlatIP(6)
    core.add(DOCUMENTS @ PROJECTION)
    scores = Layers(core, (linear_transform(PROJECTION),), 30).search(DOCUMENTS[:1], 5).scores
    assert np.allclose(scores, layers(0).search(DOCUMENTS[:1], 5).scores)


def test_written_layers_are_read_with_the_same_transform(tmp_path: Path):
    some = layers(20)
    some.write(tmp_path / "layers")
    read = Layers.read(tmp_path / "layers", 20, DOCUMENTS)
    assert (read.dimensions, read.transform_macs) == (16, 16 * 6)
    assert np.array_equal(read.transformed(DOCUMENTS), some.transformed(DOCUMENTS))
    assert np.array_equal(read.search(DOCUMENTS, 5).ids, some.search(DOCUMENTS, 5).ids)
    assert np.array_equal(read.to_faiss(5).search(DOCUMENTS, 5)[1], some.search(DOCUMENTS, 5).ids)


def test_new_documents_continue_those_that_rescore():
    some = layers(200, DOCUMENTS[:70])
    with pytest.raises(InputError, match="give new ones the ids from 70 on, in order"):
        some.check_new(np.array([71]))
    some.check_new(np.arange(70, 80))
    some.core.add(DOCUMENTS[70:] @ PROJECTION)
    some.add_whole(DOCUMENTS[70:])
    assert np.array_equal(some.search(DOCUMENTS, 80).ids, layers(200).search(DOCUMENTS, 80).ids)


@pytest.mark.parametrize("entries", [40, 160])
def test_an_index_may_have_fewer_or_more_entries_than_documents(entries: int):
    lists = faiss.IndexIVFFlat(faiss.IndexFlatIP(16), 16, 1, faiss.METRIC_INNER_PRODUCT)
    lists.quantizer.add(DOCUMENTS[:1])
    lists.is_trained = True
    ids = np.arange(entries) % 80
    lists.add_with_ids(DOCUMENTS[ids], ids)
    hits = Layers(lists, (), 160, DOCUMENTS).search(DOCUMENTS[:5], 160)
    assert ((hits.ids >= 0).sum(axis=1) == entries).all() and lists.ntotal == entries
