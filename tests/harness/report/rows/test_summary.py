from typing import Any

import numpy as np
import pytest

from harness.report.numbers import Spread
from harness.report.rows.summary import Row, summarise
from harness.store.record import Record
from methods.errors import InputError
from tests.harness.store.fake_records import BROKEN, make_record, make_selection, milliseconds

QUERIES = [f"q{i}" for i in range(8)]
LOW = dict(zip(QUERIES, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.0], strict=True))
HIGH = {query: value + 0.2 for query, value in LOW.items()}


class Records:
    """Records and their values by query, as a run folder provides them."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.per_query: dict[str, dict[str, float]] = {}

    def add(self, method: str, values: dict[str, float], **fields: Any) -> "Records":
        cell = f"{method}-{len(self.records)}"
        if "failure" not in fields:
            fields["metrics"] = {"nDCG@10": float(np.mean(list(values.values())))}
        limit = fields.pop("budget", 0.1)
        self.records.append(make_record(method, limit, cell=cell, **fields))
        self.per_query[cell] = values
        return self

    def summarise(self) -> list[Row]:
        return summarise(self.records, self.per_query)


def test_seeds_become_one_row():
    (row,) = (
        Records()
        .add("ivf", {"a": 0.2, "b": 0.4}, seed=0, spent=0.08, search_ms=milliseconds(2.0))
        .add("ivf", {"b": 0.8, "a": 0.4}, seed=1, spent=0.10, search_ms=milliseconds(4.0))
        .summarise()
    )
    assert (row.dataset, row.label, row.budget.limit, row.seeds) == ("d", "ivf", 0.1, (0, 1))
    assert row.dataset_and_budget == "d at 10 %"
    assert row.metrics["nDCG@10"].mean == pytest.approx((0.3 + 0.6) / 2)
    assert row.metrics["nDCG@10"].deviation == pytest.approx(0.3 / np.sqrt(2))  # n - 1
    assert row.spent is not None and row.spent.mean == pytest.approx(0.09)
    assert row.macs == Spread(0.2, 0.0)  # a tenth to scan and a tenth to route
    assert row.latency_p50_ms is not None and row.latency_p50_ms.mean == 3
    assert row.per_query == pytest.approx({"a": 0.3, "b": 0.6})
    assert row.cells == ("ivf-0", "ivf-1")


def test_one_seed_has_no_deviation_and_what_was_not_counted_no_spread():
    (row,) = Records().add("bm25", LOW, budget=None, spent=1.0, scan_macs=None).summarise()
    assert row.spent == Spread(1.0, None)
    assert row.macs is None


def test_the_interval_is_over_queries_not_over_seeds():
    (row,) = Records().add("ivf", LOW, seed=0).add("ivf", HIGH, seed=1).summarise()
    error = np.std(list(LOW.values())) / np.sqrt(len(LOW))
    low, high = row.interval
    assert low == pytest.approx(0.45 - 1.96 * error, abs=0.02)
    assert high == pytest.approx(0.45 + 1.96 * error, abs=0.02)


def test_every_budget_kind_of_budget_dataset_and_setting_is_a_row():
    eight, sixteen = {"ivf": {"lists": 8}}, {"ivf": {"lists": 16}}
    rows = (
        Records()
        .add("ivf", LOW, settings=eight)
        .add("ivf", LOW, settings=eight, budget=0.2)
        .add("ivf", LOW, settings=eight, kind="macs")
        .add("ivf", LOW, settings=eight, dataset="e")
        .add("ivf", LOW, settings=sixteen)
        .summarise()
    )
    assert [(row.dataset, row.label, row.budget.limit, row.budget.kind) for row in rows] == [
        ("d", "ivf ivf.lists=8", 0.1, "visited"),
        ("d", "ivf ivf.lists=8", 0.2, "visited"),
        ("d", "ivf ivf.lists=8", 0.1, "macs"),
        ("e", "ivf ivf.lists=8", 0.1, "visited"),
        ("d", "ivf ivf.lists=16", 0.1, "visited"),
    ]


def test_values_from_a_menu_are_in_the_row():
    selection = make_selection({"ivf.lists": [8, 16]}, (0,), ivf__lists=8)
    (row,) = Records().add("ivf", LOW, selection=selection).summarise()
    assert (row.label, row.chosen) == ("ivf", "ivf.lists=8")


def test_only_measures_that_all_seeds_have_are_in_the_row():
    records = Records().add("ivf", LOW).add("ivf", LOW, seed=1)
    quality = records.records[0].measured.quality
    records.records[0] = make_record("ivf", cell="ivf-0", metrics={**quality.metrics, "RR@10": 0.5})
    (row,) = records.summarise()
    assert list(row.metrics) == ["nDCG@10"]


def test_records_that_are_not_ok_are_ignored():
    records = Records().add("ivf", LOW).add("ivf", HIGH, seed=1, failure=BROKEN)
    assert [row.seeds for row in records.summarise()] == [(0,)]


def test_two_records_of_a_seed_are_refused():
    records = Records().add("ivf", LOW).add("ivf", HIGH)
    with pytest.raises(InputError, match="ivf-0 and ivf-1 differ only in data, encoder or device"):
        records.summarise()


def test_seeds_with_different_queries_are_refused():
    records = Records().add("ivf", LOW).add("ivf", {**HIGH, "more": 1.0}, seed=1)
    with pytest.raises(InputError, match="ivf-0 and ivf-1 were measured on different queries"):
        records.summarise()
