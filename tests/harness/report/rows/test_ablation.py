import csv
import io
from typing import Any

import numpy as np
import pytest
from scipy import stats

from harness.report.numbers import Spread
from harness.report.rows.ablation import ablation_csv, ablation_rows
from harness.store.record import Record
from tests.harness.store.fake_records import BROKEN, POSTINGS, make_record

QUERIES = [f"q{i}" for i in range(10)]
UNSEEN = QUERIES[:4]
PER_QUERY = {
    "high": dict(zip(QUERIES, np.linspace(0.3, 0.9, 10), strict=True)),
    "higher": dict(zip(QUERIES, np.linspace(0.4, 1.0, 10), strict=True)),
    "low": dict(zip(QUERIES, np.linspace(0.1, 0.7, 10), strict=True)),
}


def record(cell: str, seed: int = 0, budget: float = 0.1, **fields: Any) -> Record:
    defaults: dict[str, Any] = {}
    if "failure" not in fields:
        mean = float(np.mean(list(PER_QUERY[cell].values())))
        defaults = {"metrics": {"nDCG@10": mean}, "scan_macs": 0.1, "postings": POSTINGS}
    name = f"{cell}-{seed}-{budget}"
    return make_record("ehi", budget, seed=seed, cell=name, **{**defaults, **fields})


def rows_of(**arms: list[Record]) -> Any:
    per_query = {
        r.cell: PER_QUERY[r.cell.split("-")[0]] for records in arms.values() for r in records
    }
    return ablation_rows(arms, per_query, dict.fromkeys(QUERIES, 0) | dict.fromkeys(UNSEEN, 1))


def test_an_arm_is_compared_with_the_full_method_over_seeds():
    full, arm = rows_of(
        full=[record("high", 0), record("higher", 1)], arm=[record("low", 0), record("low", 1)]
    )
    assert (full.arm, arm.arm) == ("full", "arm")
    assert full.difference is None
    assert full.quality.mean == pytest.approx(0.65) and full.quality.deviation > 0
    assert arm.difference.mean == pytest.approx(0.4 - 0.65)
    assert arm.difference.conclusion == "cannot tell", "two seeds, a tenth apart"
    assert arm.balance["largest_over_mean"] == Spread(3.0, 0.0)
    assert arm.balance["entropy"] == Spread(0.9, 0.0) and arm.balance["dead"] == Spread(2.0, 0.0)


def test_an_arm_that_is_as_much_worse_with_every_seed_is_worse():
    arm = rows_of(
        full=[record("high", 0), record("high", 1)], arm=[record("low", 0), record("low", 1)]
    )[1]
    assert arm.difference.p == pytest.approx(2 / 2**10)  # the signs of ten queries
    assert arm.difference.conclusion == "worse"


def test_a_difference_has_an_interval_on_all_queries_and_on_those_of_each_part():
    parts = {"queries": 10, "queries_unseen": 4}
    differing = [0.1, 0.2, 0.3, 0.2, 0, 0, 0, 0.1, 0, 0]
    values = np.array(list(PER_QUERY["high"].values()))
    full = record("high", **parts)
    arm = record("low", **parts)
    per_query = {
        full.cell: dict(zip(QUERIES, values, strict=True)),
        arm.cell: dict(zip(QUERIES, values - differing, strict=True)),
    }
    is_unseen = {query: float(query in UNSEEN) for query in QUERIES}
    rows = ablation_rows({"full": [full], "arm": [arm]}, per_query, is_unseen)
    expected = stats.ttest_1samp(differing[:4], 0).confidence_interval()
    (line,) = list(csv.DictReader(io.StringIO(ablation_csv(rows))))[1:]
    assert float(line["unseen_difference"]) == pytest.approx(-0.2)
    assert float(line["unseen_low"]) == pytest.approx(-expected.high)
    assert float(line["unseen_high"]) == pytest.approx(-expected.low)
    assert float(line["seen_difference"]) == pytest.approx(-0.1 / 6)
    assert float(line["low"]) < float(line["difference"]) == pytest.approx(-0.09)
    assert -0.2 < float(line["difference"]) < float(line["high"])


def test_without_unseen_queries_there_is_no_difference_on_parts():
    arm = rows_of(full=[record("high")], arm=[record("low")])[1]
    assert list(arm.estimates) == [None]


def test_p_is_corrected_for_all_arms_and_budgets():
    alone = rows_of(full=[record("high")], arm=[record("low")])[1].difference.p
    both = [record("high"), record("high", budget=0.2)]
    rows = rows_of(full=both, arm=[record("low"), record("low", budget=0.2)], same=both[:1])
    corrected = [row.difference.p for row in rows if row.difference and row.arm == "arm"]
    assert corrected == pytest.approx([3 * alone, 3 * alone])


def test_arms_with_equal_settings_keep_their_names():
    rows = rows_of(full=[record("high")], a=[record("low")], b=[record("higher")])
    assert [row.arm for row in rows] == ["full", "a", "b"]
    assert [round(row.difference.mean, 3) for row in rows[1:]] == [-0.2, 0.1]


def test_a_failed_arm_has_no_row_and_an_arm_with_other_seeds_no_difference():
    rows = rows_of(
        full=[record("high", 0), record("high", 1)],
        failed=[record("low", 0, failure=BROKEN)],
        half=[record("low", 0)],
    )
    assert [(row.arm, row.difference) for row in rows] == [("full", None), ("half", None)]


def test_the_csv_has_the_same_rows():
    rows = rows_of(full=[record("high")], arm=[record("low", postings=None)])
    full, arm = csv.DictReader(io.StringIO(ablation_csv(rows)))
    assert full["arm"] == "full" and full["difference"] == "" and full["entropy"] == "0.9"
    assert float(arm["difference"]) == pytest.approx(-0.2) and arm["entropy"] == ""
    assert arm["verdict"] == "worse" and float(arm["detectable"]) == 1 / len(QUERIES)
    assert full["verdict"] == full["detectable"] == ""
    assert (arm["budget"], arm["seeds"], arm["macs"]) == ("0.1", "0", "0.2")
