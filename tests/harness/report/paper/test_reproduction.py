from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.report.paper.reproduction import judge, reproduction_table
from harness.report.rows.dataset_records import DatasetRecords, gather
from harness.report.rows.published import Claim, PublishedFile, PublishedNumber
from harness.store.record import Details
from harness.store.run_folder import RunFolder
from tests.harness.report.fake_run import QUERIES, MadeUpRun
from tests.harness.store.fake_records import make_record


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
        settings={"encoder.name": "minilm"},
    )
    return replace(known, **fields)


@pytest.mark.parametrize(
    ("off", "grade"),
    [
        (0.0, "reproduced"),
        (0.009, "reproduced"),
        (-0.009, "reproduced"),
        (0.015, "close"),
        (-0.015, "close"),
        (0.03, "not reproduced"),
    ],
)
def test_the_tolerance_decides_between_reproduced_close_and_neither(
    measured: list[DatasetRecords], off: float, grade: str
):
    (ours,) = (
        r.metrics["nDCG@10"].mean for r in measured[0].rows("nDCG@10") if r.method == "exact"
    )
    reproduced = judge(number(measured, value=ours + off), measured)
    assert (reproduced.verdict, reproduced.ours) == (grade, ours)


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({"method": ""}, "not comparable: ehibench has no S"),
        ({"dataset": "irds:msmarco-passage"}, "not run: measured on beir:made<up> only"),
        ({"measure": "RR@100"}, "not comparable: RR@100 is not measured"),
        ({"method": "scann"}, "not run: scann"),
        ({"queries": 6980}, f"not comparable: 6,980 queries there, {QUERIES} here"),
        (
            {"settings": {"encoder.name": "cos-v5"}},
            "not comparable: encoder.name is cos-v5 there, minilm here",
        ),
        (
            {"settings": {"encoder.train": "frozen"}},
            "not comparable: encoder.train is frozen there, head here",
        ),
        ({"method": "ehi"}, "not comparable: the source names no budget (ours: 10 %)"),
        ({"method": "ehi", "budget": 0.2}, "not run: ehi at 20 %"),
    ],
)
def test_a_number_that_is_not_comparable_says_why(
    measured: list[DatasetRecords], fields: dict[str, Any], verdict: str
):
    assert judge(number(measured, **fields), measured).verdict == verdict


def test_a_dataset_that_was_checked_has_the_name_of_published_numbers(
    measured: list[DatasetRecords],
):
    checked = [replace(measured[0], dataset="msmarco")]
    published = number(measured, dataset="irds:msmarco-passage")
    assert judge(published, measured).verdict.startswith("not run: measured on")
    assert not judge(published, checked).verdict.startswith("not run: measured on")


def test_of_several_records_the_one_with_the_published_settings_counts(tmp_path: Path):
    folder = RunFolder(tmp_path)
    for cell, k1, value in (("a", 1.5, 0.40), ("b", 0.9, 0.50)):
        values = np.full(QUERIES, value)
        record = make_record(
            "bm25",
            None,
            cell=cell,
            dataset="d",
            settings={"bm25": {"k1": k1, "b": 0.75, "stemmer": "none"}},
            metrics={"nDCG@10": value},
            queries=QUERIES,
        )
        names = [f"q{i}" for i in range(QUERIES)]
        folder.add(record, Details({"nDCG@10": values}, names, [True] * QUERIES, {}))
    measured = gather([folder])[0]
    wanted = number(measured, method="bm25", value=0.5, settings={"bm25.k1": 0.9})
    assert judge(wanted, measured).verdict == "reproduced"
    assert judge(replace(wanted, settings={"bm25.k1": 1.2}), measured).verdict.startswith(
        "not comparable: bm25.k1 is 1.2 there"
    )


def test_every_row_has_its_source_and_command_and_a_claim_its_verdict(
    measured: list[DatasetRecords],
):
    claim = Claim(
        system="S",
        dataset="d",
        measure="nDCG@10",
        gain=0.0145,
        method="ehi",
        rivals=("ivf", "hnsw"),
        read="abstract",
        source="v2",
        command="ehibench run --methods ehi,ivf",
        confidence="weak",
    )
    file = PublishedFile({"a, 1": number(measured)}, {"a, 2": claim})
    table = reproduction_table([file], measured, "published")
    of_claim, of_number = [[cell.value for cell in row] for row in table.rows]
    assert of_number[3] == ".650" and of_number[-2:] == [
        "paper: table 1",
        "ehibench run --methods exact",
    ]
    assert of_claim[3] == "+1.45 %" and of_claim[-2:] == [
        "abstract, weak: v2",
        "ehibench run --methods ehi,ivf",
    ]
    assert "supported (1 of 3 budgets)" in of_claim[7] and "contradicted: worse (2" in of_claim[7]
