"""Everything that changes a result changes the name of its cell, and nothing else does."""

from dataclasses import replace
from typing import Any

import pytest

from harness.config import load_settings
from harness.measure.budget import Budget, BudgetKind
from harness.plan.cells import Cell, distinct_jobs
from harness.plan.job import Job
from harness.plan.menu import Menu
from methods.devices import SearchPlace
from methods.registry import method

JOB = Job("hpo", method("ivf"), load_settings("quick"), 0, "dataset", "encoder", "cpu")


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"dataset_fingerprint": "other"},
        {"encoder_fingerprint": "other"},
        {"encoder_reading": {"towers": True}},
        {"settings": load_settings("quick", ["encoder.query_prompt=query: "])},
        {"settings": load_settings("quick", ["encoder.document_prompt="])},
        {"settings": load_settings("quick", ["training.epochs=61"])},
        {"method": method("ehi")},
    ],
)
def test_whatever_decides_the_training_changes_its_key(change: dict[str, Any]):
    changed = replace(JOB, **change)
    assert changed.trained_key != JOB.trained_key
    assert Cell(changed, Budget("visited", 0.1)).name != Cell(JOB, Budget("visited", 0.1)).name


def test_methods_with_one_trainer_share_its_key():
    exact = replace(JOB, method=method("exact"))
    assert exact.trained_key == JOB.trained_key
    assert Cell(exact, Budget("visited", None)).name != Cell(JOB, Budget("visited", 0.1)).name
    more_lists = replace(JOB, settings=load_settings("quick", ["ivf.lists=64"]))
    assert more_lists.trained_key == JOB.trained_key
    assert Cell(more_lists, Budget("visited", 0.1)).name != Cell(JOB, Budget("visited", 0.1)).name


def test_a_method_without_training_does_not_depend_on_the_encoder():
    bm25 = replace(JOB, method=method("bm25"))
    other = replace(bm25, encoder_fingerprint="other", device="cuda")
    assert bm25.trained_key == other.trained_key
    assert Cell(bm25, Budget("visited", None)).name == Cell(other, Budget("visited", None)).name


def test_the_devices_that_train_and_encode_change_no_name():
    on_gpu = replace(JOB, device="cuda", encode_device="cuda")
    assert on_gpu.trained_key == JOB.trained_key
    assert Cell(on_gpu, Budget("visited", 0.1)).name == Cell(JOB, Budget("visited", 0.1)).name


def test_a_search_elsewhere_is_another_measurement_of_the_same_artifacts():
    budget = Budget("visited", 0.1)
    on_gpu = replace(JOB, search=SearchPlace("cuda", "torch"))
    assert (on_gpu.trained_key, on_gpu.index_key) == (JOB.trained_key, JOB.index_key)
    assert on_gpu.name == JOB.name
    by_torch = replace(JOB, search=SearchPlace("cpu", "torch"))
    names = {Cell(job, budget).name for job in (JOB, on_gpu, by_torch)}
    assert len(names) == 3 and Cell(replace(JOB), budget).name in names


def test_moving_an_encoder_changes_no_name():
    elsewhere = replace(JOB, settings=load_settings("quick", ["encoder.name=/models/minilm"]))
    assert Cell(elsewhere, Budget("visited", 0.1)).name == Cell(JOB, Budget("visited", 0.1)).name
    assert elsewhere.trained_key == JOB.trained_key


def test_timing_settings_change_no_name():
    longer = replace(JOB, settings=load_settings("quick", ["timing.seconds=9"]))
    assert Cell(longer, Budget("visited", 0.1)).name == Cell(JOB, Budget("visited", 0.1)).name


def test_the_interval_of_checkpoints_changes_no_name():
    never = replace(JOB, settings=load_settings("quick", ["training.checkpoint_seconds=0"]))
    assert Cell(never, Budget("visited", 0.1)).name == Cell(JOB, Budget("visited", 0.1)).name
    assert never.trained_key == JOB.trained_key


def test_the_kind_and_the_limit_of_the_budget_change_the_name():
    kinds: tuple[BudgetKind, ...] = ("visited", "macs", "overlap", "ndcg")
    names = {Cell(JOB, Budget(kind, limit)).name for kind in kinds for limit in (0.1, 0.2)}
    assert len(names) == 8


def test_the_depth_changes_the_name_and_not_what_is_trained_and_built():
    cells = [Cell(JOB, Budget("visited", 0.1), depth=depth) for depth in (10, 20, 100)]
    assert len({cell.name for cell in cells}) == 3
    assert Cell(JOB, Budget("visited", 0.1)) == cells[0]
    assert len(distinct_jobs(cells)) == 1


MENU = Menu({"ivf.lists": (64, 128)}, (0, 1))


def test_the_menu_changes_the_name_and_the_chosen_values_do_not():
    with_menu = Cell(JOB, Budget("visited", 0.1), MENU)
    more_lists = replace(JOB, settings=load_settings("quick", ["ivf.lists=64"]))
    assert with_menu.name != Cell(JOB, Budget("visited", 0.1)).name
    assert replace(with_menu, job=more_lists).name == with_menu.name
    longer = replace(JOB, settings=load_settings("quick", ["ivf.iterations=5"]))
    others = [
        replace(with_menu, menu=Menu({"ivf.lists": (64, 256)}, (0, 1))),
        replace(with_menu, menu=Menu({"ivf.lists": (64, 128)}, (0,))),
        replace(with_menu, job=longer),
        replace(with_menu, budget=Budget("visited", 0.2)),
        replace(with_menu, depth=100),
    ]
    assert len({cell.name for cell in [with_menu, *others]}) == 6
    assert len({cell.choice_name for cell in (with_menu, others[-1])}) == 2


def test_seeds_share_a_choice_and_budgets_do_not():
    with_menu = Cell(JOB, Budget("visited", 0.1), MENU)
    assert replace(with_menu, job=replace(JOB, seed=1)).choice_name == with_menu.choice_name
    assert replace(with_menu, budget=Budget("visited", 0.2)).choice_name != with_menu.choice_name


def test_jobs_with_different_settings_are_distinct():
    more_lists = replace(JOB, settings=load_settings("quick", ["ivf.lists=64"]))
    cells = [
        Cell(job, Budget("visited", limit)) for job in (JOB, more_lists) for limit in (0.1, 0.2)
    ]
    assert distinct_jobs(cells) == [JOB, more_lists]
