"""Entries of inverted lists: filled, listed, and checked before they are added."""

import faiss
import numpy as np
import pytest

from methods.errors import InputError
from methods.forms.codes import PqForm, PqSettings, _pq_lists
from methods.forms.form import WHOLE
from methods.forms.list_entries import append, as_ids, check_vectors, entries, list_sizes
from tests.methods.pairs import unit_vectors


def test_each_vector_is_in_its_lists_with_its_id():
    vectors = unit_vectors(0, 4)
    quantizer = faiss.IndexFlatIP(16)
    quantizer.add(vectors[:3])
    index = WHOLE.lists(quantizer, 3, vectors, seed=0)
    append(index, np.array([7, 9]), vectors[:2], np.array([[2, 0], [0, 2]]))
    append(index, np.array([5]), vectors[2:3], np.array([[0, 0]])[:, :1])
    assert list_sizes(index).tolist() == [3, 0, 2] and index.ntotal == 5
    assert entries(index, list_sizes(index)).tolist() == [7, 9, 5, 7, 9]
    index.nprobe = 3
    assert index.search(vectors[1:2], 2)[1].tolist() == [[9, 9]]


def test_the_entries_of_empty_lists_are_none():
    index = WHOLE.lists(faiss.IndexFlatIP(16), 3, unit_vectors(0, 4), seed=0)
    assert entries(index, list_sizes(index)).tolist() == []
    append(index, np.zeros(0, np.int64), unit_vectors(0, 0), np.zeros((0, 2), np.int64))
    assert index.ntotal == 0


def test_ids_are_distinct_whole_numbers():
    assert as_ids(np.array([3, 1], dtype=np.uint8)).dtype == np.int64
    for wrong in ([0.5], [[3]], [-1], [2, 2]):
        with pytest.raises(InputError, match=r"ids must be|duplicate id 2"):
            as_ids(np.array(wrong))


def test_vectors_are_finite_and_of_the_right_shape():
    vectors = unit_vectors(0, 3)
    check_vectors(vectors, 3, 16)
    for wrong in (vectors[:2], vectors[:, :5], vectors.astype(np.float64)):
        with pytest.raises(InputError, match=r"3 ids need float32 vectors of shape \(3, 16\)"):
            check_vectors(wrong, 3, 16)
    with pytest.raises(InputError, match="contain NaN or an infinite value"):
        check_vectors(np.full((3, 16), np.inf, dtype=np.float32), 3, 16)


@pytest.mark.parametrize("size", [30, 63, 64, 65, 128, 192])
def test_packed_codes_are_added_as_if_they_had_been_packed_together(size: int):
    vectors = unit_vectors(0, size + 100)
    quantizer = faiss.IndexFlatIP(16)
    quantizer.add(vectors[:1])
    form = PqForm(PqSettings(dimensions_per_block=4))
    lists = np.zeros((len(vectors), 1), dtype=np.int64)
    grown = form.filled(quantizer, 1, vectors[:size], lists[:size], seed=0)
    # Packed blocks take 64 bytes, at multiples of which Faiss's own addition overflows.
    assert faiss.downcast_InvertedLists(grown.invlists).block_size == 64
    at_once = _pq_lists(quantizer, 1, grown.pq)
    append(at_once, np.arange(len(vectors)), vectors, lists)
    at_once = form.packed(at_once)
    for start in (size, size + 1, size + 40):
        rows = slice(start, {size: size + 1, size + 1: size + 40}.get(start))
        append(grown, np.arange(len(vectors))[rows], vectors[rows], lists[rows])
    expected, found = (each.search(vectors, len(vectors)) for each in (at_once, grown))
    assert np.array_equal(expected[1], found[1]) and np.array_equal(expected[0], found[0])
