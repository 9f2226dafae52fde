"""The records of a drift are read as they were written, and damaged ones are not read."""

from pathlib import Path

import numpy as np

from harness.store.drifts import drift_values, read_drift, write_drift
from harness.store.run_folder import RunFolder
from tests.harness.report.fake_drift import make_drift


def test_a_record_and_its_values_are_read_again(tmp_path: Path):
    folder, record = RunFolder(tmp_path), make_drift("added")
    assert read_drift(folder, record.cell) is None
    write_drift(folder, record, {"nDCG@10": np.array([0.5, 1 / 3])})
    assert read_drift(folder, record.cell) == record
    assert drift_values(folder, record.cell, "nDCG@10") == [0.5, 0.333333333]


def test_a_damaged_record_is_measured_again(tmp_path: Path):
    folder, record = RunFolder(tmp_path), make_drift("added")
    write_drift(folder, record, {"nDCG@10": np.array([0.5])})
    (tmp_path / "drift" / record.cell / "per_query.json").write_text("{}")
    assert read_drift(folder, record.cell) is None
