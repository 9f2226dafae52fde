from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.report.page.curve_points import OVERLAP, curve_points
from harness.report.rows.dataset_records import gather
from harness.store.record import Details, Record, Throughput
from harness.store.run_folder import RunFolder
from tests.harness.store.fake_records import make_record, milliseconds

QUERIES = Details({"nDCG@10": np.array([0.5, 0.5])}, ["q1", "q2"], [True, True], {})


def curves_of(path: Path, *records: Record) -> dict[str, list[dict[str, Any]]]:
    """Return the points of the records by label, through a run folder at `path`."""
    folder = RunFolder(path)
    for record in records:
        folder.add(record, QUERIES)
    (measured,), _ = gather([folder])
    return {curve["label"]: curve["points"] for curve in curve_points(measured)}


def test_a_point_has_its_costs_in_the_units_of_the_axes(tmp_path: Path):
    record = make_record(
        visited=0.045,
        scan_macs=0.05,
        route_macs=0.01,
        search_ms=milliseconds(0.1),
        throughput=Throughput(20000, 100, 3),
    )
    (point,) = curves_of(tmp_path, record)["ivf"]
    assert point["costs"] == pytest.approx(
        {"visited": 4.5, "macs": 6, "latency": 0.1, "throughput": 20000}
    )
    assert (point["budget"], point["unlimited"]) == ("10 %", False)


def test_a_point_has_the_means_of_seen_and_unseen_queries(tmp_path: Path):
    parts = {"metrics_unseen": {"nDCG@10": 0.3}, "queries_unseen": 1, "queries": 2}
    (point,) = curves_of(tmp_path, make_record(metrics={"nDCG@10": 0.5}, **parts))["ivf"]
    assert set(point["values"]) == {"nDCG@10", "seen nDCG@10", "unseen nDCG@10"}
    assert point["values"]["seen nDCG@10"] == pytest.approx([0.7, 0.7, 0.7])
    assert point["values"]["unseen nDCG@10"] == [0.3, 0.3, 0.3]


def test_a_point_has_the_mean_and_the_band_of_every_measure(tmp_path: Path):
    low = make_record(seed=0, metrics={"nDCG@10": 0.4}, overlap_exact_10=0.8)
    high = make_record(seed=1, metrics={"nDCG@10": 0.6}, overlap_exact_10=1.0)
    (point,) = curves_of(tmp_path, low, high)["ivf"]
    assert point["seeds"] == [0, 1]
    # The standard deviation of .4 and .6, and of .8 and 1, is .1 x sqrt(2).
    assert point["values"]["nDCG@10"] == pytest.approx([0.5, 0.358579, 0.641421])
    assert point["values"][OVERLAP] == pytest.approx([0.9, 0.758579, 1.041421])


def test_a_point_is_drawn_only_on_the_axis_that_its_budget_limits(tmp_path: Path):
    by_visited, by_latency = make_record(), make_record(limit=0.5, kind="latency")
    points = curves_of(tmp_path, by_visited, by_latency)["ivf"]
    costs = {point["budget"]: point["costs"] for point in points}
    assert {point["budget"]: point["limits"] for point in points} == {
        "10 %": {"visited": 10},
        "0.5 ms": {"latency": 0.5},
    }
    assert costs["10 %"]["latency"] is None and costs["10 %"]["visited"] is not None
    assert costs["0.5 ms"]["latency"] is not None and costs["0.5 ms"]["visited"] is None
    assert costs["10 %"]["throughput"] is not None and costs["0.5 ms"]["throughput"] is None
