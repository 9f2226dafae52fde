import csv
import io
import json
from dataclasses import replace
from typing import Any

from harness.report.rows.csv_export import records_to_csv
from harness.store.record import Failure, Record
from tests.harness.store.fake_records import POSTINGS, TRAINING, make_record

MEASURED = make_record(
    "ehi",
    seed=3,
    dataset='beir:a "folder", here',
    settings={"tree": {"height": 1}},
    provenance={"commit": "abc"},
    effort=13,
    metrics={"nDCG@10": 0.755, "R@100": 0.936},
    metrics_unseen={"nDCG@10": 0.751, "R@100": 0.912},
    postings=POSTINGS,
    training=replace(TRAINING, last_epoch={"loss": 0.5}),
)
FAILED = make_record("ivf", None, failure=Failure("RuntimeError", "no, not\nthis"))


def rows(*records: Record) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(records_to_csv(list(records)))))


def test_a_record_is_a_row():
    (row,) = rows(MEASURED)
    assert (row["cell"], row["seed"], row["budget"]) == ("ehi-0.1-seed-3", "3", "0.1")
    assert row["dataset"] == 'beir:a "folder", here'
    assert (row["nDCG@10"], row["unseen nDCG@10"]) == ("0.755", "0.751")
    assert row["latency_ms.p50"] == "0.25"
    assert (row["postings.leaves"], row["postings.entropy"]) == ("8", "0.9")
    assert row["training.trained_parts"] == '["head"]'
    assert row["training.last_epoch.loss"] == "0.5"
    assert row["cost_exact"] == "True"
    assert json.loads(row["settings"]) == {"tree": {"height": 1}}
    assert not [name for name in row if "provenance" in name or "commit" in name]


def test_a_cell_without_a_value_is_empty():
    failed, measured = rows(FAILED, MEASURED)
    assert failed["reason"] == "no, not\nthis"
    assert failed["budget"] == failed["effort"] == failed["nDCG@10"] == ""
    assert measured["nDCG@10"] == "0.755"


def test_the_order_of_the_records_does_not_change_the_columns():
    headers = [list(rows(*order)[0]) for order in [(FAILED, MEASURED), (MEASURED, FAILED)]]
    assert headers[0] == headers[1] == list(rows(MEASURED)[0])
    assert headers[0][:3] == ["cell", "dataset", "method"] and headers[0][-1] == "settings"
    start = headers[0].index("nDCG@10")
    assert headers[0][start : start + 6] == [
        *("nDCG@10", "R@100"),
        *("seen nDCG@10", "seen R@100"),
        *("unseen nDCG@10", "unseen R@100"),
    ]


def test_without_records_there_is_only_a_header():
    text = records_to_csv([])
    assert text.count("\n") == 1 and text.startswith("cell,dataset,method,seed,budget,")


def test_numbers_keep_all_their_digits():
    third = make_record(limit=1 / 3, metrics={"nDCG@10": 2 / 3})
    (row,) = rows(third)
    assert (float(row["budget"]), float(row["nDCG@10"])) == (1 / 3, 2 / 3)
