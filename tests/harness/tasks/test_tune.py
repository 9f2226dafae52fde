"""Tuning searches the tuning queries within each budget."""

from pathlib import Path

import pytest

from harness.measure.budget import Budget
from harness.store.record import Failure
from harness.tasks.tune import TuneResult, TuneTask
from methods.base import no_progress
from tests.harness.tasks.four_lists import build_four_lists

HALF, TENTH = Budget("visited", 0.5), Budget("visited", 0.1)


@pytest.fixture
def task(tmp_path: Path) -> TuneTask:
    inputs = build_four_lists(tmp_path)
    (inputs.artifacts.embeddings / "test.npy").unlink()  # choosing must not need it
    return TuneTask(inputs, no_progress)


def test_every_query_is_searched_with_the_effort_of_the_budget(task: TuneTask):
    result = task.tune([HALF])[HALF]
    assert isinstance(result, TuneResult) and result.effort == 2
    found = [ids[ids >= 0].tolist() for ids in result.hits.ids]
    assert [len(ids) for ids in found] == [2, 2, 2, 2]  # two lists of one document
    assert [ids[0] for ids in found] == [0, 1, 2, 3]


def test_a_budget_without_an_effort_is_a_failure_and_the_others_are_tuned(task: TuneTask):
    results = task.tune([TENTH, HALF])
    assert isinstance(results[HALF], TuneResult)
    failure = results[TENTH]
    assert isinstance(failure, Failure) and failure.error == "InputError"
    assert "raise --budget" in failure.reason
