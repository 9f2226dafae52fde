"""Which documents are in which lists, counted with plain sets."""

import numpy as np
import pytest

from methods.postings import membership as module
from methods.postings.membership import distinct_documents, list_means, membership

LISTS = [[0, 1, 2], [], [2, 3], [0, 4]]


def test_each_list_has_a_row_with_its_documents():
    documents = np.array([document for row in LISTS for document in row])
    members = membership(documents, np.array([len(row) for row in LISTS]), 6)
    dense = members.toarray()
    assert dense.shape == (4, 6)
    assert [np.flatnonzero(row).tolist() for row in dense] == LISTS


@pytest.mark.parametrize("chunk", [1, 10, 1 << 26])
def test_a_document_in_several_lists_counts_once(chunk: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "CHUNK", chunk)
    members = membership(np.array([0, 1, 2, 2, 3, 0, 4]), np.array([3, 0, 2, 2]), 6)
    lists = np.array([[0, 1], [0, 2], [2, 3], [1, -1], [-1, 3], [-1, -1], [2, 2], [0, 3]])
    expected = [len({d for i in row if i >= 0 for d in LISTS[i]}) for row in lists.tolist()]
    assert expected == [3, 4, 4, 0, 2, 0, 2, 4]
    assert distinct_documents(members, lists).tolist() == expected


def test_random_lists_are_counted_like_sets():
    random = np.random.default_rng(0)
    rows = [random.choice(50, size=random.integers(0, 20), replace=False) for _ in range(12)]
    members = membership(np.concatenate(rows), np.array([len(row) for row in rows]), 50)
    lists = np.stack([random.permutation(12)[:5] for _ in range(30)])
    expected = [len(set(np.concatenate([rows[i] for i in probed]))) for probed in lists]
    assert distinct_documents(members, lists).tolist() == expected


def test_an_index_without_documents_has_none_to_count():
    members = membership(np.zeros(0, dtype=np.int64), np.array([0, 0]), 0)
    assert distinct_documents(members, np.array([[0, 1], [1, -1]])).tolist() == [0, 0]


def test_the_mean_of_a_list_without_vectors_is_0():
    vectors = np.array([[1, 0], [3, 2], [5, 5]], dtype=np.float32)
    means = list_means(vectors, np.array([2, 2, 0]), 3)
    assert means.tolist() == [[5, 5], [0, 0], [2, 1]]
