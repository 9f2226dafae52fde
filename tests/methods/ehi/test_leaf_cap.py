import numpy as np
import pytest

from methods.ehi.leaf_cap import assign_leaves
from methods.errors import InputError

RANKED = np.array([[0, 1, 2], [0, 1, 2], [0, 2, 1], [1, 0, 2]])


def test_without_pressure_the_best_leaves_are_taken():
    assert assign_leaves(RANKED, 1, np.zeros(3, np.int64), 4)[:, 0].tolist() == [0, 0, 0, 1]
    assert assign_leaves(RANKED, 2, np.zeros(3, np.int64), 4).tolist() == RANKED[:, :2].tolist()


def test_a_full_leaf_sends_the_next_document_to_its_next_leaf():
    sizes = np.zeros(3, np.int64)
    assert assign_leaves(RANKED, 1, sizes, 2)[:, 0].tolist() == [0, 0, 2, 1]
    assert sizes.tolist() == [2, 1, 1]


def test_what_comes_later_finds_the_leaves_as_they_are():
    sizes = np.zeros(3, np.int64)
    first = assign_leaves(RANKED[:2], 1, sizes, 2)
    later = assign_leaves(RANKED[2:], 1, sizes, 2)
    at_once = assign_leaves(RANKED, 1, np.zeros(3, np.int64), 2)
    assert np.array_equal(np.concatenate([first, later]), at_once)


def test_more_documents_than_room_is_an_error_that_says_so():
    with pytest.raises(InputError, match=r"most_per_leaf is 1, .* no room"):
        assign_leaves(RANKED, 1, np.zeros(3, np.int64), 1)
