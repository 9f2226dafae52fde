import json
from pathlib import Path
from typing import Any

import pytest

from harness.report.dataset_report import DatasetReport
from harness.report.growth_report import GrowthReport
from harness.report.page.content import content
from harness.report.paper.typeset import Column, Entry, Table
from harness.report.rows.dataset_records import DatasetRecords, gather
from harness.report.rows.growth import find_growths
from harness.store.run_folder import RunFolder
from tests.harness.report.fake_growth import write_sizes
from tests.harness.report.fake_run import QUERIES, MadeUpRun, copy_as

NOTHING = Table("t", "T", "", [], [])


def report_of(folder: RunFolder) -> DatasetReport:
    (measured,), _ = gather([folder])
    return DatasetReport(measured, "d", None, None)


def test_a_cell_has_the_text_it_shows_and_the_value_it_sorts_by():
    thirds = Entry(number=1 / 3, deviation=0.01, bold=True, mark="†")
    gain = Entry("1.45 %", 0.0145)
    table = Table(
        "t", "T", "c", [Column("m"), Column("v"), Column("g")], [[[Entry("a"), thirds, gain]]]
    )
    (((name, value, relative),),) = content([], [], None, table, [])["published"]["sections"]
    assert (name["text"], name["sort"]) == ("a", "a")
    assert (value["text"], value["sort"]) == (".333", 0.333333)
    assert (value["spread"], value["bold"], value["mark"]) == (".010", True, "†")
    assert (relative["text"], relative["sort"]) == ("1.45 %", 0.0145)


def test_a_dataset_has_its_tree_and_is_written_as_json(made_up_run: MadeUpRun):
    data = content([report_of(RunFolder(made_up_run.path))], [], None, NOTHING, ["a note"])
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["notes"] == ["a note"]
    (dataset,) = data["datasets"]
    assert (dataset["name"], dataset["queries"]) == ("beir:made<up>", QUERIES)
    assert (dataset["measure"], dataset["baseline"]) == ("nDCG@10", "ivf")
    assert dataset["tree"][0]["size"] == max(leaf["size"] for leaf in dataset["tree"])
    assert (dataset["kinds"], dataset["seeds"]) == (["visited"], [0, 1])
    (table, *differences) = dataset["tables"]
    assert (table["kind"], table["measure"]) == ("visited", None)
    assert {(each["kind"], each["measure"]) for each in differences} == {
        ("visited", "nDCG@10"),
        ("visited", "R@100"),
        (None, None),  # what papers claim
    }


def test_what_a_lost_dataset_cannot_show_is_in_its_notes(made_up_run: MadeUpRun, tmp_path: Path):
    (dataset,) = content(
        [report_of(copy_as("lost", made_up_run, tmp_path))], [], None, NOTHING, []
    )["datasets"]
    assert dataset["tree"] is None
    assert any(note.startswith("no tree of lost") for note in dataset["notes"])
    assert any(note.startswith("no texts of lost") for note in dataset["notes"])


def test_the_sizes_of_a_growth_have_no_queries_and_leave_their_room_to_others(
    made_up_run: MadeUpRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    numbers: dict[str, int] = {}

    def keep(measured: DatasetRecords, *rest: Any) -> dict[str, Any]:
        numbers[measured.dataset] = rest[-1]
        return {}

    monkeypatch.setattr("harness.report.page.content.query_results", keep)
    monkeypatch.setattr("harness.report.page.content.MAX_NUMBERS", 120)
    measured, _ = gather([RunFolder(made_up_run.path), *write_sizes(tmp_path, (100, 200, 300))])
    (growth,) = find_growths(measured)
    reports = [DatasetReport(each, "d", None, None) for each in measured]
    data = content(reports, [GrowthReport(growth, "g")], None, NOTHING, [])
    assert numbers == {"beir:made<up>": 120}
    assert [each["results"] for each in data["datasets"]] == [{}, None, None, None]
    (shown,) = data["growths"]
    assert shown["datasets"] == [f"beir:synthetic-{documents}" for documents in (100, 200, 300)]
    assert len(shown["tables"]) == 4
