"""A loaded index finds the effort within a budget, and searches on the threads it is given."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.measure.budget import Budget
from harness.measure.effort import Effort
from harness.tasks.loaded_index import LoadedIndex
from methods.base import no_progress
from methods.errors import InputError
from tests.harness.tasks.four_lists import VECTORS, build_four_lists


@pytest.fixture
def loaded(tmp_path: Path) -> LoadedIndex:
    inputs = build_four_lists(tmp_path)
    return LoadedIndex(replace(inputs, threads=2), inputs.resources(no_progress))


@pytest.mark.parametrize(
    ("limit", "effort"), [(0.25, Effort(1, 0.5)), (0.6, Effort(2, 0.75)), (1.0, Effort(4, None))]
)
def test_each_list_within_the_budget_visits_a_quarter(
    loaded: LoadedIndex, limit: float, effort: Effort
):
    assert loaded.effort_within(Budget("visited", limit), VECTORS) == effort


def test_macs_include_the_comparison_with_the_centroids(loaded: LoadedIndex):
    # A full scan takes 4 x 4 multiply-adds, so do the centroids, and one list takes 4.
    cost = loaded.mean_cost(loaded.index.cost(VECTORS, 4, 1))
    assert (cost.route_macs, cost.scan_macs) == (1.0, 0.25)
    with pytest.raises(InputError, match=r"smaller than the 1\.25 of a full scan's multiply-adds"):
        loaded.effort_within(Budget("macs", 1.0), VECTORS)


def test_a_budget_below_one_list_is_rejected(loaded: LoadedIndex):
    with pytest.raises(InputError, match=r"budget 0\.2 is smaller than the 0\.25 of the documents"):
        loaded.effort_within(Budget("visited", 0.2), VECTORS)


def test_a_latency_budget_is_measured_in_milliseconds(loaded: LoadedIndex):
    assert loaded.effort_within(Budget("latency", 60_000), VECTORS) == Effort(4, None)


def test_all_threads_are_back_after_a_call_on_one(loaded: LoadedIndex):
    assert loaded.threads == 2
    assert loaded.on_one_thread(lambda: loaded.threads) == 1
    with pytest.raises(ZeroDivisionError):
        loaded.on_one_thread(lambda: 1 // 0)
    assert loaded.threads == 2


def test_the_loaded_index_is_the_one_that_was_built(loaded: LoadedIndex):
    assert loaded.index.search(VECTORS, 1, 1).ids.tolist() == [[0], [1], [2], [3]]
