"""Records of ehibench 0.1 are read: `../records_0_1.jsonl` holds one run of every method."""

import json
from pathlib import Path

import pytest

from harness.store.record_json import record_from_json
from harness.store.record_v1 import dataset_spec, without_early_stopping

LINES = (Path(__file__).parents[1] / "records_0_1.jsonl").read_text().splitlines()
OLD = [json.loads(line) for line in LINES]
RECORDS = {record.cell: record for record in map(record_from_json, OLD)}


@pytest.mark.parametrize("old", OLD, ids=[old["cell"] for old in OLD])
def test_every_number_is_where_it_belongs(old: dict):
    record = RECORDS[old["cell"]]
    result = record.measured
    assert (record.budget.kind, record.budget.limit) == (old["budget_by"], old["budget"])
    assert (result.effort, result.spent, result.cost.visited) == (
        old["effort"],
        old["spent"],
        old["visited"],
    )
    assert result.cost.macs == old["macs"]
    assert result.quality.metrics == old["metrics"]
    assert result.latency.search_ms.p50 == old["latency_ms"]["p50"]
    assert list(result.latency.methods) == old["timing"]["methods"]
    assert result.memory.search_peak == old["bytes"]["search_peak"]


def test_what_was_chosen_from_a_menu_is_kept():
    record = RECORDS["ivf-visited-0.4-seed-1-cda5be58c67515e5"]
    assert record.selection is not None and record.selection.values == {"ivf.lists": 4}
    assert [trial.values["ivf.lists"] for trial in record.selection.choice.trials] == [4, 8]


def test_settings_of_early_stopping_are_left_out():
    assert all("patience" in old["settings"].get("training", {"patience": 0}) for old in OLD)
    assert not any("patience" in r.settings.get("training", {}) for r in RECORDS.values())
    assert without_early_stopping({"seconds": 1.0, "stopped_at_update": None}) == {"seconds": 1.0}


def test_a_failure_keeps_its_error_and_reason():
    failed = {**OLD[0], "status": "failed", "error": "SIGKILL", "reason": "killed"}
    record = record_from_json(failed)
    assert record.status == "failed" and record.result is None
    assert record.failure is not None and record.failure.reason == "killed"


@pytest.mark.parametrize(
    ("command", "spec"),
    [
        ("ehibench run --dataset 'beir:my data' --methods ehi", "beir:my data"),
        ("ehibench run --dataset=beir:tiny", "beir:tiny"),
        ("ehibench run --dataset irds:beir/scifact", "beir:tiny"),
        ("it's not a command", "beir:tiny"),
    ],
)
def test_the_folder_of_a_dataset_is_found_in_the_command(command: str, spec: str):
    assert dataset_spec("beir:tiny", command) == spec
