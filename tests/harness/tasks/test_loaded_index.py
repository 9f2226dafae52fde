"""A loaded index counts what a search costs, and searches on the threads it is given."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.tasks.loaded_index import LoadedIndex
from methods.base import no_progress
from tests.harness.tasks.four_lists import VECTORS, build_four_lists


@pytest.fixture
def loaded(tmp_path: Path) -> LoadedIndex:
    inputs = build_four_lists(tmp_path)
    return LoadedIndex(replace(inputs, threads=2), inputs.resources(no_progress))


def test_macs_include_the_comparison_with_the_centroids(loaded: LoadedIndex):
    # A full scan takes 4 x 4 multiply-adds, so do the centroids, and one list takes 4.
    cost = loaded.mean_cost(loaded.index.cost(VECTORS, 4, 1))
    assert (cost.route_macs, cost.scan_macs) == (1.0, 0.25)


def test_all_threads_are_back_after_a_call_on_one(loaded: LoadedIndex):
    assert loaded.threads == 2
    assert loaded.on_one_thread(lambda: loaded.threads) == 1
    with pytest.raises(ZeroDivisionError):
        loaded.on_one_thread(lambda: 1 // 0)
    assert loaded.threads == 2


def test_the_loaded_index_is_the_one_that_was_built(loaded: LoadedIndex):
    assert loaded.index.search(VECTORS, 1, 1).ids.tolist() == [[0], [1], [2], [3]]
