from pathlib import Path

import pytest

from harness.report.paper.front_page import read_table
from harness.report.paper.table import field_measures, paper_tables
from harness.report.paper.typeset import Entry, Table, to_markdown
from harness.report.rows.dataset_records import DatasetRecords, gather
from harness.store.run_folder import RunFolder
from tests.harness.report.fake_run import MadeUpRun
from tests.harness.store.fake_records import change


@pytest.fixture(scope="module")
def measured(made_up_run: MadeUpRun) -> DatasetRecords:
    (only,), _ = gather([RunFolder(made_up_run.path)])
    return only


PARTS = ("", ", seen", ", unseen")


def cells(table: Table, method: str) -> list[Entry]:
    return next(list(row[1:]) for row in table.rows if row[0].text == method)


@pytest.mark.parametrize(
    ("dataset", "measures"),
    [
        ("irds:beir/scifact", ("R@10",)),
        ("beir:FiQA-2018", ("R@10",)),
        ("beir:nq320k", ("R@10", "R@100")),
        ("irds:msmarco-passage", ("RR@10", "nDCG@10")),
        ("irds:msmarco-passage/trec-dl-2019", ("nDCG@10",)),
        ("hpo", ("nDCG@10", "R@100")),
    ],
)
def test_field_measures_are_chosen_by_the_name_of_the_dataset(
    dataset: str, measures: tuple[str, ...]
):
    assert field_measures(dataset) == measures


def test_columns_are_budgets_grouped_by_measure(measured: DatasetRecords):
    (table,) = paper_tables(measured, "made-up", "ivf")
    assert [(column.group, column.head) for column in table.columns] == [
        ("", "method"),
        *(("nDCG@10", budget) for budget in ("1 %", "5 %", "10 %")),
        *(("R@100", budget) for budget in ("1 %", "5 %", "10 %")),
    ]
    assert [[row[0].text for row in section] for section in table.sections] == [
        ["ehi", "hnsw", "ivf"],
        ["bm25", "exact"],
    ]


@pytest.fixture
def in_parts(measured: DatasetRecords) -> DatasetRecords:
    """The records with two thirds of the queries seen, and unseen ones found half as well."""
    records = []
    for record in measured.ok:
        metrics = record.measured.quality.metrics
        parts = {
            "metrics_seen": {name: 1.25 * value for name, value in metrics.items()},
            "queries_seen": 16,
            "metrics_unseen": {name: 0.5 * value for name, value in metrics.items()},
            "queries_unseen": 8,
        }
        records.append(change(record, **parts))
    return DatasetRecords(measured.dataset, records, measured.runs)


def test_seen_and_unseen_queries_have_sections_of_their_own(in_parts: DatasetRecords):
    (table,) = paper_tables(in_parts, "made-up", "ivf")
    assert [[row[0].text for row in section] for section in table.sections] == [
        [f"{method}{part}" for method in methods]
        for part in PARTS
        for methods in (["ehi", "hnsw", "ivf"], ["bm25", "exact"])
    ]
    every, unseen = cells(table, "ehi"), cells(table, "ehi, unseen")
    assert unseen[0].number == pytest.approx(0.5 * (every[0].number or 0))
    assert [cell.bold for cell in unseen] == [cell.bold for cell in every]
    assert not any(cell.mark for cell in unseen)
    assert table.caption.endswith("the unseen ones, which have none: 16 seen and 8 unseen.")


def test_the_front_page_reads_the_rows_of_parts_too(in_parts: DatasetRecords, tmp_path: Path):
    (table,) = paper_tables(in_parts, "made-up", "ivf")
    (tmp_path / "made-up.md").write_text(to_markdown(table))
    measure, grid = read_table(tmp_path / "made-up.md")
    methods = ("ehi", "hnsw", "ivf", "bm25", "exact")
    assert measure == "nDCG@10"
    assert set(grid) == {f"{method}{part}" for method in methods for part in PARTS}
    unseen = cells(table, "ehi, unseen")[0]
    assert grid["ehi, unseen"]["1 %"] == f"**{unseen.value}** ± {unseen.spread}"


def test_the_best_of_a_column_is_bold_and_the_ceiling_does_not_compete(measured: DatasetRecords):
    (table,) = paper_tables(measured, "made-up", "ivf")
    assert [cell.bold for cell in cells(table, "ehi")[:3]] == [True, False, False]
    assert [cell.bold for cell in cells(table, "hnsw")[:3]] == [False, True, True]
    assert not any(cell.bold for cell in cells(table, "exact") + cells(table, "bm25"))
    assert cells(table, "exact")[0].number == cells(table, "exact")[2].number


def test_marks_show_what_is_above_and_below_the_baseline(measured: DatasetRecords):
    (against_ivf,) = paper_tables(measured, "made-up", "ivf")
    assert [cell.mark for cell in cells(against_ivf, "ehi")[:3]] == ["†", "†", "†"]
    assert not any(cell.mark for cell in cells(against_ivf, "ivf"))
    (against_ehi,) = paper_tables(measured, "made-up", "ehi")
    assert [cell.mark for cell in cells(against_ehi, "hnsw")[:3]] == ["‡", "†", "†"]
    assert [cell.mark for cell in cells(against_ehi, "ivf")[:3]] == ["‡", "‡", "‡"]


def test_the_caption_names_the_seeds_the_test_and_its_correction(measured: DatasetRecords):
    (table,) = paper_tables(measured, "made-up", "ivf")
    for words in (
        "standard deviation over 2 seeds",
        "Against ivf at the same budget: † better, ‡ worse, ≈ equal within .005, without a mark",
        "over queries and seeds (two-way random effects, Satterthwaite), for 96 queries",
        "Holm's correction for 6 comparisons per measure",
    ):
        assert words in table.caption
    (unmarked,) = paper_tables(measured, "made-up", None)
    assert "Holm" not in unmarked.caption
    assert not any(cell.mark for row in unmarked.rows for cell in row)


def test_a_number_is_the_mean_over_seeds_with_its_deviation(measured: DatasetRecords):
    (table,) = paper_tables(measured, "made-up", "ivf")
    values = [
        r.measured.quality.metrics["nDCG@10"]
        for r in measured.ok
        if (r.method, r.budget.limit) == ("ehi", 0.05)
    ]
    cell = cells(table, "ehi")[1]
    assert cell.number == pytest.approx(sum(values) / 2)
    assert cell.deviation == pytest.approx(abs(values[0] - values[1]) / 2**0.5)
