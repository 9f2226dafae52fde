"""How many combinations of settings the methods of made-up records tried."""

from collections.abc import Sequence
from typing import Any

from harness.measure.budget import BudgetKind
from harness.report.trial_counts import trial_counts, tried_in_words
from harness.store.record import Choice, Record, Selection, Trial
from tests.harness.store.fake_records import BROKEN, make_record

SIX = {"ivf.lists": (64, 128, 256), "ivf.beam": ("fixed", "mass")}
TWO = {"hnsw.neighbours": (16, 32)}


def selection(menu: dict[str, Sequence[Any]], trials: int) -> Selection:
    """Return a selection from a menu after some trials, all of them of its first combination."""
    first = {name: values[0] for name, values in menu.items()}
    return Selection(menu, Choice("nDCG@10", (0,), (Trial(first, 0.5),) * trials))


def record(method: str, menu: dict[str, Sequence[Any]], trials: int, **fields: Any) -> Record:
    return make_record(method, selection=selection(menu, trials), **fields)


def test_a_sample_of_a_menu_is_told_from_the_whole_menu():
    assert tried_in_words(selection(SIX, 4)) == "4 of 6"
    assert tried_in_words(selection(SIX, 6)) == "all 6"


def test_without_a_choice_there_is_nothing_to_say():
    assert tried_in_words(None) == tried_in_words(selection({"ivf.lists": (64,)}, 1)) == ""
    assert trial_counts([make_record("bm25")]) == {}


def test_every_kind_of_budget_has_the_tries_of_its_methods():
    def at(kind: BudgetKind, *trials: int) -> list[Record]:
        ivf, hnsw = trials
        return [
            record("ivf", SIX, ivf, kind=kind, cell=f"ivf-{kind}"),
            record("hnsw", TWO, hnsw, kind=kind, cell=f"hnsw-{kind}"),
        ]

    records = [*at("latency", 6, 1), *at("visited", 4, 2), make_record("exact", None)]
    assert list(trial_counts(records).items()) == [
        ("visited", {"ivf": "4 of 6", "hnsw": "all 2"}),
        ("latency", {"ivf": "all 6", "hnsw": "1 of 2"}),
    ]


def test_budgets_with_other_menus_are_joined_and_a_failed_cell_has_tried_too():
    records = [record("ivf", SIX, 4, limit=0.1), record("ivf", TWO, 2, limit=0.2, failure=BROKEN)]
    assert trial_counts(records) == {"visited": {"ivf": "4 of 6 or all 2"}}
