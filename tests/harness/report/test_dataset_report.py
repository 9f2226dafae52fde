import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from harness.report.dataset_report import DatasetReport
from harness.report.rows.dataset_records import DatasetRecords, gather
from harness.store.run_folder import RunFolder
from harness.store.stored_run import open_run, save_run
from methods.errors import InputError
from tests.harness.report.fake_run import LEAVES, MadeUpRun


@pytest.fixture
def records(made_up_run: MadeUpRun) -> DatasetRecords:
    return gather([RunFolder(made_up_run.path)])[0][0]


def without(records: DatasetRecords, method: str) -> DatasetRecords:
    return replace(records, records=[r for r in records.records if r.method != method], _rows={})


def test_ivf_and_the_first_usual_measure_are_the_defaults(records: DatasetRecords):
    report = DatasetReport(records, "d", None, None)
    assert (report.baseline, report.measure, report.notes) == ("ivf", "nDCG@10", [])


def test_another_baseline_and_measure_can_be_chosen(records: DatasetRecords):
    report = DatasetReport(records, "d", "hnsw", "R@100")
    assert (report.baseline, report.measure) == ("hnsw", "R@100")


def test_an_unknown_measure_or_baseline_is_refused(records: DatasetRecords):
    with pytest.raises(InputError, match="unknown measure 'nDCG@1'"):
        DatasetReport(records, "d", None, "nDCG@1")
    with pytest.raises(InputError, match="'scann' is not among the records shown"):
        DatasetReport(records, "d", "scann", None)


def test_without_ivf_there_is_no_baseline_and_a_note_lists_the_choices(records: DatasetRecords):
    report = DatasetReport(without(records, "ivf"), "d", None, None)
    assert report.baseline is None
    assert report.notes == [
        "no baseline on beir:made<up>: choose one of bm25, ehi, exact, hnsw with --baseline"
    ]


def test_rows_that_the_baseline_cannot_be_compared_with_are_noted(records: DatasetRecords):
    fewer = [r for r in records.records if (r.method, r.budget.limit) != ("ivf", 0.05)]
    report = DatasetReport(replace(records, records=fewer, _rows={}), "d", None, None)
    assert report.notes == [
        f"{method} on beir:made<up> at 5 % is not compared with ivf, which is not measured there"
        for method in ("ehi", "hnsw")
    ]


def test_a_retired_setting_that_changed_results_is_noted(records: DatasetRecords):
    patient = {"encoder": {"name": "minilm"}, "training": {"patience": 3}}
    changed = [replace(record, settings=patient) for record in records.records]
    report = DatasetReport(replace(records, records=changed, _rows={}), "d", None, None)
    assert report.notes == [
        f"{len(changed)} records were made with training.patience, which was removed in "
        "ehibench 0.2: early stopping gave methods different numbers of encoder updates"
    ]


def test_the_tree_describes_every_leaf(records: DatasetRecords):
    report = DatasetReport(records, "d", None, None)
    assert report.tree is not None and len(report.tree) == LEAVES
    assert report.tree[0].words and report.tree[-1].size == 0
    assert report.notes == []


def test_the_history_has_the_losses_of_every_epoch(records: DatasetRecords):
    history = DatasetReport(records, "d", None, None).history
    assert [epoch["epoch"] for epoch in history] == list(range(8))


def test_without_the_trained_files_there_is_no_tree_and_no_history(
    made_up_run: MadeUpRun, tmp_path: Path
):
    shutil.copytree(made_up_run.path, tmp_path / "run")
    shutil.rmtree(tmp_path / "run" / "trained")
    (records,), _ = gather([RunFolder(tmp_path / "run")])
    report = DatasetReport(records, "d", None, None)
    assert report.tree is None and report.history == []
    assert report.notes == ["no tree of beir:made<up>: its files are not in the run folder"]


def test_a_file_of_records_has_no_tree_and_no_history(made_up_run: MadeUpRun, tmp_path: Path):
    save_run(RunFolder(made_up_run.path), tmp_path / "file")
    (records,), _ = gather([open_run(tmp_path / "file")])
    report = DatasetReport(records, "d", None, None)
    assert report.tree is None and report.history == []
    assert report.notes == []
