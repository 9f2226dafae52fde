from dataclasses import replace
from typing import Any

import pytest

from harness.report.paper.reproduction import judge, reproduction_table
from harness.report.rows.dataset_records import DatasetRecords, gather
from harness.report.rows.published import PublishedNumber
from harness.store.run_folder import RunFolder
from tests.harness.report.fake_run import QUERIES, MadeUpRun


@pytest.fixture(scope="module")
def measured(made_up_run: MadeUpRun) -> list[DatasetRecords]:
    return gather([RunFolder(made_up_run.path)])[0]


def number(measured: list[DatasetRecords], **fields: Any) -> PublishedNumber:
    """Return a published number that agrees with our exact search, except in the fields given."""
    known = PublishedNumber(
        system="S",
        dataset=measured[0].dataset,
        measure="nDCG@10",
        value=0.65,
        tolerance=0.01,
        read="paper",
        source="table 1",
        command="ehibench run --methods exact",
        method="exact",
        queries=QUERIES,
        encoder="minilm",
    )
    return replace(known, **fields)


@pytest.mark.parametrize(
    ("off", "grade"),
    [
        (0.0, "OK"),
        (0.009, "OK"),
        (-0.009, "OK"),
        (0.015, "close"),
        (-0.015, "close"),
        (0.03, "FAIL"),
    ],
)
def test_the_tolerance_decides_between_ok_close_and_fail(
    measured: list[DatasetRecords], off: float, grade: str
):
    (ours,) = (
        r.metrics["nDCG@10"].mean for r in measured[0].rows("nDCG@10") if r.method == "exact"
    )
    reproduced = judge(number(measured, value=ours + off), measured)
    assert (reproduced.verdict, reproduced.ours) == (grade, ours)


def test_exceeding_an_at_least_claim_is_ok(measured: list[DatasetRecords]):
    assert judge(number(measured, value=0.5, at_least=True), measured).verdict == "OK"
    assert judge(number(measured, value=0.5), measured).verdict == "FAIL"


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({"method": ""}, "not comparable: ehibench has no S"),
        ({"dataset": "irds:msmarco-passage"}, "not run: measured on beir:made<up> only"),
        ({"measure": "RR@100"}, "not comparable: RR@100 is not measured"),
        ({"method": "scann"}, "not run: scann"),
        ({"queries": 6980}, f"not comparable: 6,980 queries there, {QUERIES} here"),
        ({"encoder": "cos-v5"}, "not comparable: a different encoder, minilm"),
        ({"trained": "frozen"}, "not comparable: the encoder is frozen there, trained here"),
        ({"method": "ehi"}, "not comparable: the source names no budget (ours: 10 %)"),
        ({"method": "ehi", "budget": 0.2}, "not run: ehi at 20 %"),
    ],
)
def test_a_number_that_is_not_comparable_says_why(
    measured: list[DatasetRecords], fields: dict[str, Any], verdict: str
):
    assert judge(number(measured, **fields), measured).verdict == verdict


def test_a_gain_is_relative_to_the_best_other_method_at_the_budget(measured: list[DatasetRecords]):
    means = {
        (r.method, r.budget.limit): r.metrics["nDCG@10"].mean for r in measured[0].rows("nDCG@10")
    }
    claim = number(measured, kind="gain", method="ehi", budget=0.01, value=0.4, tolerance=0.2)
    reproduced = judge(claim, measured)
    assert reproduced.ours == pytest.approx(means["ehi", 0.01] / means["hnsw", 0.01] - 1)
    assert reproduced.verdict == "OK"


def test_a_saving_needs_exact_search_to_be_reached(measured: list[DatasetRecords]):
    claim = number(measured, kind="saving", method="hnsw", budget=0.1, value=0.9, tolerance=0.05)
    assert judge(claim, measured).verdict == (
        "not comparable: exact search's value is not reached at the budgets measured"
    )


def test_every_row_has_its_command_and_gains_are_in_per_cent(measured: list[DatasetRecords]):
    numbers = [number(measured), number(measured, kind="gain", method="ehi", value=0.0145)]
    table = reproduction_table(numbers, measured, "published")
    shown = [[cell.value for cell in row] for row in table.rows]
    assert [row[-1] for row in shown] == ["ehibench run --methods exact"] * 2
    assert shown[0][3] == ".650" and shown[1][3] == "1.45 %"
    assert shown[1][8] == "paper: table 1"
