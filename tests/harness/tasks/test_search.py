"""A search uses the effort that was found for it, and is timed query by query."""

from pathlib import Path

import pytest

from harness.measure.effort import Effort
from harness.tasks.loaded_index import SearchInputs
from harness.tasks.search import SearchTask
from methods.base import no_progress
from tests.harness.bench import Bench
from tests.harness.tasks.four_lists import build_four_lists


@pytest.fixture
def inputs(tmp_path: Path) -> SearchInputs:
    return build_four_lists(tmp_path)


@pytest.fixture
def task(inputs: SearchInputs) -> SearchTask:
    return SearchTask(inputs, no_progress)


def test_the_test_queries_are_searched_with_the_effort(task: SearchTask):
    result = task.measure(Effort(1, 0.5))
    assert result.effort == Effort(1, 0.5)
    assert result.cost.visited == 0.25 and result.cost.exact
    assert result.visited is not None and result.visited.tolist() == [1, 1, 1, 1]
    assert [ids[ids >= 0].tolist() for ids in result.hits.ids] == [[0], [1], [2], [3]]
    assert result.peak_bytes > result.loaded_bytes >= 0


def test_a_search_with_a_known_effort_needs_no_tuning_queries(inputs: SearchInputs):
    (inputs.artifacts.embeddings / "tuning.npy").unlink()
    assert SearchTask(inputs, no_progress).measure(Effort(2, None)).cost.visited == 0.5


def test_single_searches_and_batches_are_timed(task: SearchTask):
    task.measure(Effort(2, None))
    assert all(nanoseconds > 0 for nanoseconds in task.time_searches(start=3, seconds=0.01))
    size, batches = task.time_batches(seconds=0.01)
    assert size == 4 and batches and min(batches) > 0


def test_every_library_has_one_thread_while_single_searches_are_timed(task: SearchTask):
    threads = task.threads()
    assert threads["index"] == threads["torch"] == threads["faiss"] == threads["cores"] == 1


def test_the_effort_does_not_depend_on_the_test_queries(bench: Bench, tmp_path: Path):
    budgets = "0.25,0.35,0.45,0.55,0.65,0.75,0.85,0.95"
    frozen = ["--set", "encoder.train=frozen", "--methods", "ivf", "--budget", budgets]
    original = bench.dataset
    efforts, visited = [], []
    for kept in (slice(None), slice(1, 2)):  # all test queries, then one of them
        bench.dataset = original
        copy = bench.copy_dataset(tmp_path / f"kept-{kept.stop}")
        qrels = (copy / "qrels" / "test.tsv").read_text().splitlines()
        (copy / "qrels" / "test.tsv").write_text("\n".join(qrels[1:][kept]) + "\n")
        done = bench.run(*frozen, out=copy / "run")
        assert done.exit_code == 0, done.output
        records = bench.records(copy / "run")
        efforts.append([record.measured.effort for record in records])
        visited.append([record.measured.cost.visited for record in records])
    assert efforts[0] == efforts[1] and len(set(efforts[0])) > 3
    assert visited[0] != visited[1]
