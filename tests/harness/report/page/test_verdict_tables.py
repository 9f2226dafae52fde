from dataclasses import replace

from harness.report.dataset_report import DatasetReport
from harness.report.page.verdict_tables import best_baseline_table, joint_training_table
from harness.report.paper.typeset import Table
from harness.report.rows.dataset_records import gather
from harness.store.run_folder import RunFolder
from tests.harness.report.fake_run import MadeUpRun
from tests.harness.store.fake_records import change


def report_of(run: MadeUpRun, renamed: str | None = None) -> DatasetReport:
    """Return the report of the run, in which ehi-frozen may have the records of a method."""
    (measured,), _ = gather([RunFolder(run.path)])
    records = [
        replace(record, method="ehi-frozen") if record.method == renamed else record
        for record in measured.records
    ]
    return DatasetReport(replace(measured, records=records, _rows={}), "d", None, None)


def texts(table: Table | None) -> list[list[str]]:
    assert table is not None
    return [[cell.value for cell in row] for row in table.rows]


def test_the_best_baseline_of_every_budget_is_a_row_with_its_test(made_up_run: MadeUpRun):
    rows = texts(best_baseline_table(report_of(made_up_run)))
    assert [row[0] for row in rows] == ["1 %", "5 %", "10 %"]
    assert {(row[1], row[3]) for row in rows} == {("ehi", "hnsw")}
    # ehi has .50, .56 and .60; hnsw has .34, .60 and .64.
    assert [row[5] for row in rows] == ["+.160", "-.040", "-.040"]
    assert [row[-1] for row in rows] == ["better", "worse", "worse"]
    assert all(row[6].startswith("p") for row in rows)


def test_the_same_tree_on_a_finished_encoder_shows_what_joint_training_is_worth(
    made_up_run: MadeUpRun,
):
    rows = texts(joint_training_table(report_of(made_up_run, renamed="ivf")))
    assert {row[3] for row in rows} == {"ehi-frozen"}
    assert [row[5] for row in rows] == ["+.200", "+.120", "+.080"]


def test_seen_and_unseen_queries_have_columns_next_to_the_difference(made_up_run: MadeUpRun):
    (measured,), _ = gather([RunFolder(made_up_run.path)])
    parts = {"queries_seen": 60, "queries_unseen": 36}
    records = [
        change(
            record,
            **parts,
            metrics_seen={"nDCG@10": 0.75 if record.method == "ehi" else 0.5},
            metrics_unseen={"nDCG@10": 0.25},
        )
        for record in measured.ok
    ]
    report = DatasetReport(replace(measured, records=records, _rows={}), "d", None, None)
    table = best_baseline_table(report)
    assert table is not None
    assert [column.head for column in table.columns][5:8] == ["difference", "seen", "unseen"]
    assert texts(table)[0][5:8] == ["+.160", "+.250", "+.000"]
    assert "Not tested: the differences of the seen queries" in table.caption


def test_without_such_a_row_there_is_no_table(made_up_run: MadeUpRun):
    assert joint_training_table(report_of(made_up_run)) is None
