from dataclasses import replace

import pytest

from harness.report.page.record_facts import record_facts
from harness.report.rows.dataset_records import DatasetRecords, gather
from harness.store.run_folder import RunFolder
from tests.harness.report.fake_run import QUERIES, MadeUpRun
from tests.harness.store.fake_records import make_selection


@pytest.fixture(scope="module")
def measured(made_up_run: MadeUpRun) -> DatasetRecords:
    return gather([RunFolder(made_up_run.path)])[0][0]


def test_a_method_has_one_entry_per_budget_and_one_column_of_facts_per_seed(
    measured: DatasetRecords,
):
    facts = record_facts(measured)
    assert [e["budget"] for e in facts["entries"]["ehi"]] == ["1 %", "5 %", "10 %"]
    entry = facts["entries"]["ehi"][1]
    assert entry["seeds"] == [0, 1] and len(entry["cells"]) == 2
    for values in entry["facts"]:
        named = dict(zip(facts["names"], values, strict=True))
        assert named["documents visited, %"] == "4.50"
        assert named["median search, ms"] == "0.1000"
        assert named["training, s"] == "2.0" and named["encoder updates"] == "60"
        assert named["leaves or lists"] == ""  # the record does not say
    settings = facts["settings"][entry["settings"]]
    assert settings["encoder.name"] == "minilm" and settings["encoder.train"] == "head"


def test_a_histogram_counts_every_query_once(measured: DatasetRecords):
    (entry,) = record_facts(measured)["entries"]["exact"]
    counts = entry["histograms"]["nDCG@10"]
    # The values go evenly from .35 to .95, so that none is in the first three tenths.
    assert sum(counts) == QUERIES and counts[:3] == [0, 0, 0] and counts[9] > 0


def test_chosen_settings_have_the_menu_they_were_chosen_from(measured: DatasetRecords):
    record = next(r for r in measured.ok if r.method == "ivf")
    selection = make_selection({"ivf.lists": [8, 16]}, [0, 1], ivf__lists=16)
    chosen = replace(record, selection=selection)
    alone = DatasetRecords(measured.dataset, [chosen], measured.runs)
    (entry,) = record_facts(alone)["entries"]["ivf"]
    assert entry["menu"] == {"ivf.lists": "8, 16"}
    assert entry["tried"] == "1 of 2"
