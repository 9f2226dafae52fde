"""Tuning never needs the test queries, and searches texts where the index reads them."""

from pathlib import Path

from harness.tasks.tune import TuneTask
from methods.base import no_progress
from tests.harness.tasks.four_lists import build_four_lists


def test_the_tuning_queries_are_searched_without_the_test_queries(tmp_path: Path):
    inputs = build_four_lists(tmp_path)
    (inputs.artifacts.embeddings / "test.npy").unlink()
    hits = TuneTask(inputs, no_progress).tuning_hits(2)
    found = [ids[ids >= 0].tolist() for ids in hits.ids]
    assert [len(ids) for ids in found] == [2, 2, 2, 2]  # two lists of one document
    assert [ids[0] for ids in found] == [0, 1, 2, 3]
