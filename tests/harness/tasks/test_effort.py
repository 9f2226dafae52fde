"""A worker reports what an effort costs, and what it finds, on the tuning queries."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.tasks.effort import EffortTask
from methods.base import no_progress
from tests.harness.tasks.four_lists import build_four_lists


@pytest.fixture
def task(tmp_path: Path) -> EffortTask:
    """The effort task of four lists of one document each, with two tuning queries."""
    inputs = build_four_lists(tmp_path)
    np.save(inputs.artifacts.embeddings / "tuning.npy", np.eye(4, dtype=np.float32)[[2, 0]])
    return EffortTask(replace(inputs, threads=2), no_progress)


def test_every_list_visits_a_quarter_of_the_documents(task: EffortTask):
    assert task.efforts() == range(1, 5)
    assert [task.mean_cost(effort).visited for effort in task.efforts()] == [0.25, 0.5, 0.75, 1.0]


def test_a_sample_of_times_is_a_median_in_milliseconds(task: EffortTask):
    assert 0 < task.milliseconds(effort=4, start=1) < 1000


def test_what_an_effort_finds_can_be_compared_with_exact_search(task: EffortTask):
    exact = task.exact_ids(10)
    assert exact.shape == (2, 10)
    assert exact[:, 0].tolist() == task.tuning_hits(1).ids[:, 0].tolist() == [2, 0]
    assert sorted(exact[0, :4].tolist()) == [0, 1, 2, 3] and exact[0, 4:].tolist() == [-1] * 6
