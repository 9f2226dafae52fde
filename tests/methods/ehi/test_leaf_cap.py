import numpy as np
import pytest

from methods.ehi.leaf_cap import assign_leaves
from methods.errors import InputError

RANKED = np.array([[0, 1, 2], [0, 1, 2], [0, 2, 1], [1, 0, 2]])


def test_documents_get_their_best_leaves_while_there_is_room():
    assert assign_leaves(RANKED, 1, np.zeros(3, np.int64), 4)[:, 0].tolist() == [0, 0, 0, 1]
    assert assign_leaves(RANKED, 2, np.zeros(3, np.int64), 4).tolist() == RANKED[:, :2].tolist()


def test_a_document_whose_best_leaf_is_full_gets_its_next_best():
    sizes = np.zeros(3, np.int64)
    assert assign_leaves(RANKED, 1, sizes, 2)[:, 0].tolist() == [0, 0, 2, 1]
    assert sizes.tolist() == [2, 1, 1]


def test_documents_added_later_get_the_same_leaves_as_all_at_once():
    sizes = np.zeros(3, np.int64)
    first = assign_leaves(RANKED[:2], 1, sizes, 2)
    later = assign_leaves(RANKED[2:], 1, sizes, 2)
    at_once = assign_leaves(RANKED, 1, np.zeros(3, np.int64), 2)
    assert np.array_equal(np.concatenate([first, later]), at_once)


def test_more_documents_than_room_are_an_error():
    with pytest.raises(InputError, match=r"most_per_leaf is 1, .* no room"):
        assign_leaves(RANKED, 1, np.zeros(3, np.int64), 1)
