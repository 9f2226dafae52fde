from pathlib import Path

import numpy as np
import pytest

from harness.report.figures.record_axes import build_axes
from harness.report.rows.dataset_records import gather
from harness.store.record import Details, Durations, Memory
from harness.store.run_folder import RunFolder
from tests.harness.store.fake_records import make_record

QUERIES = Details({"nDCG@10": np.array([0.4])}, ["q1"], [True], {})


def test_builds_are_means_over_seeds_and_what_is_too_small_is_left_out(tmp_path: Path):
    folder = RunFolder(tmp_path)
    for seed, seconds in enumerate((2.0, 4.0)):
        record = make_record(
            "ivf",
            seed=seed,
            durations=Durations(train=9.0, build=seconds, measure=1.0),
            memory=Memory(1, 1, 1, index_loaded=0, search_peak=1),
        )
        folder.add(record, QUERIES)
    (measured,), _ = gather([folder])
    build, memory = build_axes(measured)
    (row,) = measured.rows("nDCG@10")
    assert build.cost(row) == pytest.approx(3)
    assert memory.cost(row) is None
