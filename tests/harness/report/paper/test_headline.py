from harness.report.dataset_report import DatasetReport
from harness.report.paper.headline import headline
from harness.report.rows.dataset_records import gather
from harness.store.run_folder import RunFolder
from tests.harness.report.fake_run import MadeUpRun


def test_the_sentences_are_under_four_headings_in_the_order_of_reading(made_up_run: MadeUpRun):
    (records,), _ = gather([RunFolder(made_up_run.path)])
    text = headline([DatasetReport(records, "d", None, None)], [])
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings == [
        "# What was found",
        "## beir:made<up>",
        "### The answer",
        "### By how much",
        "### How sure",
        "### Where it does not hold",
    ]
    assert "- At 5 % of the documents, ehi is worse than hnsw" in text
