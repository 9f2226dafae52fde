"""The committed records of SciFact reproduce what others published of it."""

from pathlib import Path

import pytest

from harness.report.paper.reproduction import judge
from harness.report.rows.dataset_records import DatasetRecords, gather
from harness.report.rows.published import PublishedNumber, read_published
from harness.store.stored_run import open_run

ROOT = Path(__file__).parents[4]
SAVED = ROOT / "results" / "reference" / "calibration-scifact.jsonl.xz"


@pytest.fixture(scope="module")
def calibrated() -> list[DatasetRecords]:
    return gather([open_run(SAVED)])[0]


@pytest.fixture(scope="module")
def numbers() -> list[PublishedNumber]:
    files = read_published()
    return [n for file in files for place, n in file.numbers.items() if "calibration" in place]


def test_figures_of_three_systems_are_reproduced(
    calibrated: list[DatasetRecords], numbers: list[PublishedNumber]
):
    verdicts = {(n.system, n.measure, n.value): judge(n, calibrated).verdict for n in numbers}
    reproduced = [key for key, verdict in verdicts.items() if verdict == "reproduced"]
    assert len(reproduced) >= 6 and len({system for system, *_ in reproduced}) >= 3
    assert set(verdicts.values()) == {"reproduced", "close"}


def test_the_records_name_no_folder_of_the_machine(calibrated: list[DatasetRecords]):
    for measured in calibrated:
        for record in measured.records:
            assert record.provenance.dataset_spec == "beir:scifact"
            assert not [w for w in record.provenance.command.split() if Path(w).is_absolute()]


def test_without_the_records_the_figures_are_not_run(numbers: list[PublishedNumber]):
    assert {judge(number, []).verdict.partition(":")[0] for number in numbers} == {"not run"}
