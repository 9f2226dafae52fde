from collections.abc import Sequence
from typing import Any

from harness.measure.budget import BudgetKind
from harness.measure.quality import MEASURES
from harness.report.labels import labels
from harness.report.terminal.records import record_tables
from harness.store.record import Record
from tests.harness.fake_records import make_record, make_selection

MENU = {"ivf.lists": [8, 16]}


def record(
    lists: int,
    budget: float = 0.1,
    menu: Any = None,
    kind: BudgetKind = "visited",
    seeds: Sequence[int] = (0, 1),
    **settings: Any,
) -> Record:
    return make_record(
        limit=budget,
        kind=kind,
        cell=f"{lists}-{budget}-{menu}-{kind}-{seeds}-{settings}",
        settings={"ivf": {"lists": lists, "iterations": 25, **settings}},
        selection=make_selection(menu, seeds, ivf__lists=lists) if menu else None,
        metrics=dict.fromkeys(map(str, MEASURES), 0.5),
    )


def test_what_was_chosen_from_one_menu_does_not_tell_records_apart():
    records = [record(8, 0.1, MENU), record(16, 0.2, MENU)]
    assert set(labels(records).values()) == {"ivf"}


def test_other_settings_do():
    records = [record(8, 0.1, MENU), record(16, 0.2, MENU, iterations=5)]
    assert list(labels(records).values()) == ["ivf ivf.iterations=25", "ivf ivf.iterations=5"]


def test_a_menu_is_told_apart_from_another_and_from_none():
    records = [record(8, menu=MENU), record(8, menu={"ivf.lists": [8, 64]}), record(8)]
    first, second, without = labels(records).values()
    assert "ivf.lists=8|16" in first and "ivf.lists=8|64" in second
    assert without == "ivf ivf.lists=8"


def test_another_menu_at_another_budget_tells_nothing_apart():
    by_macs = record(64, 0.2, {"ivf.lists": [64, 128]}, kind="macs")
    assert set(labels([record(8, 0.1, MENU), by_macs]).values()) == {"ivf"}


def test_a_choice_over_other_seeds_is_another():
    records = [record(8, menu=MENU), record(8, menu=MENU, seeds=[0])]
    assert list(labels(records).values()) == ["ivf seeds=0|1", "ivf seeds=0"]


def test_what_was_chosen_has_a_column_of_its_own():
    (table,) = record_tables([record(8, menu=MENU)], 200)
    (column,) = (column for column in table.columns if column.header == "chosen")
    assert list(column.cells) == ["ivf.lists=8"]
    assert all(c.header != "chosen" for t in record_tables([record(8)], 200) for c in t.columns)
