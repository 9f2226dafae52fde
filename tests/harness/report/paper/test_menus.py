from dataclasses import replace

from harness.measure.budget import Budget
from harness.report.paper.menus import menu_edge_table, trials_table
from harness.report.paper.typeset import to_markdown
from harness.store.record import Choice, Record, Selection, Trial
from tests.harness.store.fake_records import make_record


def chosen(method: str, limit: float, lists: int) -> Record:
    menu = {"ivf.lists": (64, 128, 256)}
    trial = Trial({"ivf.lists": lists}, 0.5)
    return make_record(method, limit, selection=Selection(menu, Choice("nDCG@10", (0,), (trial,))))


def test_the_tries_of_every_method_are_a_row_with_a_column_per_kind_of_budget():
    by_time = replace(chosen("ivf", 0.05, 256), budget=Budget("latency", 0.05))
    records = [chosen("ivf", 0.05, 256), chosen("hnsw", 0.05, 128), by_time]
    table = trials_table(records, "d")
    assert table is not None and table.name == "d-trials"
    assert to_markdown(table).splitlines()[2:6] == [
        "| method | documents visited | time per query |",
        "| --- | --- | --- |",
        "| ivf | 1 of 3 | 1 of 3 |",
        "| hnsw | 1 of 3 | - |",
    ]


def test_without_a_choice_there_is_no_table_of_tries():
    assert trials_table([make_record("bm25")], "d") is None


def test_values_at_the_edge_of_their_menu_are_rows_with_the_budgets():
    records = [chosen("ivf", 0.05, 256), chosen("ivf", 0.01, 256), chosen("ivf", 0.1, 128)]
    table = menu_edge_table(records, "d")
    assert table is not None and table.name == "d-menu-edges"
    assert "| ivf | `ivf.lists` | 256 | 1 %, 5 % |" in to_markdown(table)


def test_without_a_value_at_an_edge_there_is_no_table():
    assert menu_edge_table([chosen("ivf", 0.01, 128), make_record("hnsw")], "d") is None
