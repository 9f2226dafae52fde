import math

import numpy as np
import pytest

from harness.measure.balance import posting_balance


def balance(*sizes: int) -> dict[str, float]:
    return posting_balance(np.array(sizes))


def test_equal_leaves_are_balanced():
    assert balance(5, 5, 5, 5) == {
        "leaves": 4,
        "largest": 5,
        "mean": 5,
        "largest_over_mean": 1,
        "entropy": pytest.approx(1),
        "dead": 0,
    }


def test_uneven_leaves_by_hand():
    told = balance(4, 2, 2, 0)
    assert (told["largest"], told["mean"], told["largest_over_mean"], told["dead"]) == (4, 2, 2, 1)
    # the shares 1/2, 1/4, 1/4 have 1.5 bits of the 2 bits of four leaves
    assert told["entropy"] == pytest.approx(1.5 / 2)
    assert balance(3, 1)["entropy"] == pytest.approx(2 - 0.75 * math.log2(3))


def test_one_leaf_with_everything():
    told = balance(0, 9, 0)
    assert (told["largest_over_mean"], told["entropy"], told["dead"]) == (3, 0, 2)
    alone = balance(9)  # a single leaf cannot be uneven
    assert (alone["largest_over_mean"], alone["entropy"], alone["dead"]) == (1, 1, 0)
