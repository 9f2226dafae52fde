from dataclasses import replace
from pathlib import Path

import pytest

from harness.datasets.dataset import Dataset
from harness.report.rows.dataset_records import DatasetRecords, gather
from harness.report.rows.source_texts import reload_dataset
from harness.store.record import Provenance
from harness.store.run_folder import RunFolder
from tests.harness.report.fake_run import MadeUpRun


@pytest.fixture
def measured(made_up_run: MadeUpRun) -> DatasetRecords:
    return gather([RunFolder(made_up_run.path)])[0][0]


def with_provenance(measured: DatasetRecords, **changed: str) -> DatasetRecords:
    record = measured.ok[0]
    provenance = replace(record.provenance, **changed)
    return replace(measured, records=[replace(record, provenance=provenance)])


def test_the_dataset_is_loaded_as_the_user_wrote_it(
    measured: DatasetRecords, made_up_run: MadeUpRun
):
    loaded = reload_dataset(measured)
    assert isinstance(loaded, Dataset)
    assert loaded.fingerprint == made_up_run.dataset.fingerprint


def test_hpo_needs_no_folder(measured: DatasetRecords, hpo: Dataset):
    provenance = Provenance(dataset_sha256=hpo.fingerprint)
    record = replace(measured.ok[0], dataset="hpo", provenance=provenance)
    loaded = reload_dataset(DatasetRecords("hpo", [record], measured.folders))
    assert isinstance(loaded, Dataset) and loaded.name == "hpo"


@pytest.mark.parametrize("spec", ["beir:gone", ""])
def test_a_dataset_that_cannot_be_loaded_is_one_line(measured: DatasetRecords, spec: str):
    told = reload_dataset(with_provenance(measured, dataset_spec=spec))
    assert isinstance(told, str) and told.startswith("no texts of beir:made<up>: ")
    assert "\n" not in told


def test_nothing_is_downloaded_for_a_report(
    measured: DatasetRecords, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("IR_DATASETS_HOME", str(tmp_path))
    (tmp_path / "beir").mkdir()
    lost = replace(with_provenance(measured), dataset="irds:beir/scifact")
    lost = replace(lost, records=[replace(lost.ok[0], provenance=Provenance())])
    assert (
        reload_dataset(lost)
        == "no texts of irds:beir/scifact: ir_datasets has not downloaded it on this machine"
    )
    assert not any((tmp_path / "beir").iterdir())


def test_other_data_than_was_measured_is_not_shown(
    measured: DatasetRecords, made_up_run: MadeUpRun
):
    told = reload_dataset(with_provenance(measured, dataset_sha256="another"))
    written = f"beir:{made_up_run.data}"
    assert told == f"no texts of beir:made<up>: {written} is not the data that was measured"
