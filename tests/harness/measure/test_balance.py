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


def test_uneven_leaves_have_less_entropy():
    uneven = balance(4, 2, 2, 0)
    assert (uneven["largest"], uneven["mean"]) == (4, 2)
    assert (uneven["largest_over_mean"], uneven["dead"]) == (2, 1)
    # The shares 1/2, 1/4 and 1/4 have an entropy of 1.5 bits; four equal leaves have 2 bits.
    assert uneven["entropy"] == pytest.approx(1.5 / 2)
    assert balance(3, 1)["entropy"] == pytest.approx(2 - 0.75 * math.log2(3))


def test_one_leaf_with_every_document_has_no_entropy():
    full = balance(0, 9, 0)
    assert (full["largest_over_mean"], full["entropy"], full["dead"]) == (3, 0, 2)


def test_a_single_leaf_is_balanced():
    single = balance(9)
    assert (single["largest_over_mean"], single["entropy"], single["dead"]) == (1, 1, 0)
