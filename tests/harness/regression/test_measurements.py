from pathlib import Path

import numpy as np

from harness.regression.measurements import read_measurements
from harness.store.record import Details
from harness.store.run_folder import RunFolder
from harness.store.stored_run import open_run, save_run
from tests.harness.regression.fake_measurements import record
from tests.harness.store.fake_records import BROKEN


def test_a_run_folder_and_its_file_have_the_same_measurements(tmp_path: Path):
    folder = RunFolder(tmp_path / "run")
    values = {"nDCG@10": np.array([0.25, 1.0])}
    folder.add(record("ehi"), Details(values, ["q0", "q1"], [False, True], {}))
    folder.add(record("ivf", failure=BROKEN))
    save_run(folder, tmp_path / "file")
    measured, saved = read_measurements(folder), read_measurements(open_run(tmp_path / "file"))
    assert measured.records == saved.records and len(saved.records) == 2
    (cell,) = saved.columns
    assert list(saved.columns[cell]["query"]) == list(measured.columns[cell]["query"])
    assert list(saved.columns[cell]["nDCG@10"]) == measured.columns[cell]["nDCG@10"] == [0.25, 1]
    assert saved.path == tmp_path / "file"
