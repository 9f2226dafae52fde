from dataclasses import replace

from harness.report.dataset_report import DatasetReport
from harness.report.paper.headline import headline
from harness.report.rows.dataset_records import gather
from harness.store.run_folder import RunFolder
from tests.harness.report.fake_run import MadeUpRun
from tests.harness.store.fake_records import make_selection


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


def test_it_links_to_the_number_of_settings_that_were_tried(made_up_run: MadeUpRun):
    (records,), _ = gather([RunFolder(made_up_run.path)])
    selection = make_selection({"ivf.lists": [8, 16]}, [0, 1], ivf__lists=16)
    chosen = [replace(r, selection=selection) if r.method == "ivf" else r for r in records.ok]
    report = DatasetReport(replace(records, records=chosen, _rows={}), "d", None, None)
    link = "[How many combinations of settings each method tried](tables/d-trials.md)."
    assert link in headline([report], [])
    assert "d-trials" in [table.name for table in report.tables]
