from pathlib import Path

import numpy as np
import pytest

from harness.report.figures.query_time import where_time_goes
from harness.report.figures.style import CANVASES
from harness.report.rows.dataset_records import gather
from harness.store.record import Details
from harness.store.run_folder import RunFolder
from tests.harness.store.fake_records import make_record, milliseconds

QUERIES = Details({"nDCG@10": np.array([0.4])}, ["q1"], [True], {})


def test_the_fastest_is_on_top_and_work_is_split_into_route_and_scan(tmp_path: Path):
    folder = RunFolder(tmp_path)
    for method, ms in (("ivf", 0.2), ("ehi", 0.05)):
        times = {"search_ms": milliseconds(ms), "encode_ms": milliseconds(3.0)}
        folder.add(make_record(method, route_macs=0.02, scan_macs=0.1, **times), QUERIES)
    (measured,), _ = gather([folder])
    figure = where_time_goes(measured, measured.rows("nDCG@10"), CANVASES[0])
    times, work = figure.axes
    assert [label.get_text() for label in times.get_yticklabels()] == ["ivf", "ehi"]
    assert [bar.get_width() for bar in times.patches] == pytest.approx([200, 50])
    assert [bar.get_width() for bar in work.patches] == pytest.approx([2, 10, 2, 10])
    assert "3,000 µs encode the query" in figure.get_suptitle()
