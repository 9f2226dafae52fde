from dataclasses import replace
from pathlib import Path

import pytest

from harness.datasets.dataset import Dataset
from harness.report.rows.dataset_records import DatasetRecords, gather
from harness.report.rows.source_texts import load_measured_dataset
from harness.store.provenance import Provenance
from harness.store.run_folder import RunFolder
from tests.harness.report.fake_run import MadeUpRun


@pytest.fixture
def records(made_up_run: MadeUpRun) -> DatasetRecords:
    return gather([RunFolder(made_up_run.path)])[0][0]


def with_provenance(records: DatasetRecords, **changed: str) -> DatasetRecords:
    record = records.ok[0]
    provenance = replace(record.provenance, **changed)
    return replace(records, records=[replace(record, provenance=provenance)])


def test_the_dataset_is_loaded_as_the_user_wrote_it(
    records: DatasetRecords, made_up_run: MadeUpRun
):
    loaded = load_measured_dataset(records)
    assert isinstance(loaded, Dataset)
    assert loaded.fingerprint == made_up_run.dataset.fingerprint


def test_hpo_is_loaded_without_a_folder(records: DatasetRecords, hpo: Dataset):
    provenance = Provenance(dataset_sha256=hpo.fingerprint)
    record = replace(records.ok[0], dataset="hpo", provenance=provenance)
    loaded = load_measured_dataset(DatasetRecords("hpo", [record], records.runs))
    assert isinstance(loaded, Dataset) and loaded.name == "hpo"


@pytest.mark.parametrize("spec", ["beir:gone", ""])
def test_a_dataset_that_cannot_be_loaded_is_a_reason_of_one_line(
    records: DatasetRecords, spec: str
):
    reason = load_measured_dataset(with_provenance(records, dataset_spec=spec))
    assert isinstance(reason, str) and reason.startswith("no texts of beir:made<up>: ")
    assert "\n" not in reason


def test_a_report_downloads_nothing(
    records: DatasetRecords, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("IR_DATASETS_HOME", str(tmp_path))
    (tmp_path / "beir").mkdir()
    lost = replace(with_provenance(records), dataset="irds:beir/scifact")
    lost = replace(lost, records=[replace(lost.ok[0], provenance=Provenance())])
    reason = load_measured_dataset(lost)
    assert reason == (
        "no texts of irds:beir/scifact: ir_datasets has not downloaded it on this machine"
    )
    assert not any((tmp_path / "beir").iterdir())


def test_data_that_was_not_measured_is_not_shown(records: DatasetRecords, made_up_run: MadeUpRun):
    reason = load_measured_dataset(with_provenance(records, dataset_sha256="another"))
    spec = f"beir:{made_up_run.data}"
    assert reason == f"no texts of beir:made<up>: {spec} is not the data that was measured"
