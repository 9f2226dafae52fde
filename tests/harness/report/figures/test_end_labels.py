import pytest

from harness.report.figures.end_labels import spread_apart


def test_heights_that_are_far_apart_stay():
    assert spread_apart([0.9, 0.1, 0.5], 0.2) == pytest.approx([0.9, 0.1, 0.5])


def test_close_heights_are_spread_around_their_mean_in_the_same_order():
    assert spread_apart([0.5, 0.52, 0.48], 0.1) == pytest.approx([0.5, 0.6, 0.4])


def test_a_block_pushes_its_neighbour():
    assert spread_apart([0.5, 0.5, 0.6], 0.1) == pytest.approx([0.4333, 0.5333, 0.6333], abs=1e-3)
