import pytest

from harness.report.paper.differences import difference_tables
from harness.report.paper.typeset import to_csv, to_markdown
from harness.report.rows.dataset_records import DatasetRecords, gather
from harness.store.run_folder import RunFolder
from tests.harness.report.fake_run import MadeUpRun
from tests.harness.store.fake_records import change


@pytest.fixture(scope="module")
def measured(made_up_run: MadeUpRun) -> DatasetRecords:
    (only,), _ = gather([RunFolder(made_up_run.path)])
    return only


def test_every_measure_has_a_table_with_one_section_per_budget(measured: DatasetRecords):
    tables = difference_tables(measured, "made-up", "ivf")
    assert [table.name for table in tables] == [
        "made-up-differences-nDCG10",
        "made-up-differences-R100",
    ]
    cells = [[[entry.value for entry in row[:2]] for row in part] for part in tables[0].sections]
    assert cells == [[["ehi", at], ["hnsw", at]] for at in ("1 %", "5 %", "10 %")]


def test_a_row_has_the_difference_its_p_what_was_detectable_and_the_verdict(
    measured: DatasetRecords,
):
    table, _ = difference_tables(measured, "made-up", "ehi")
    hnsw = table.sections[1][0]
    assert [entry.value for entry in hnsw] == ["hnsw", "5 %", "+.040", "p<.001", ".010", "better"]
    assert "Holm-corrected for 6 comparisons" in table.caption
    assert "over queries and seeds" in table.caption and "Detectable: " in table.caption
    assert "| hnsw | 5 % | +.040 | p\\<.001 | .010 | better |" in to_markdown(table)
    assert to_csv(table).splitlines()[0] == "method,budget,difference,corrected,detectable,verdict"


def test_seen_and_unseen_queries_have_columns_next_to_the_difference(measured: DatasetRecords):
    records = []
    for record in measured.ok:
        # hnsw finds what is seen as well as the others, and twice as much of what is not.
        unseen = 0.2 if record.method == "hnsw" else 0.1
        parts = {"queries_seen": 60, "queries_unseen": 36, "metrics_seen": {"nDCG@10": 0.5}}
        records.append(change(record, **parts, metrics_unseen={"nDCG@10": unseen}))
    in_parts = DatasetRecords(measured.dataset, records, measured.runs)
    table, others = difference_tables(in_parts, "made-up", "ehi")
    assert [column.head for column in table.columns][2:5] == ["difference", "seen", "unseen"]
    assert [entry.value for entry in table.sections[1][0]][2:5] == ["+.040", "+.000", "+.100"]
    assert "Not tested: the differences of the seen queries, which have" in table.caption
    assert [entry.value for entry in others.sections[1][0]][3:5] == ["-", "-"]  # no R@100 there


def test_without_a_baseline_there_is_no_table(measured: DatasetRecords):
    assert difference_tables(measured, "made-up", None) == []
