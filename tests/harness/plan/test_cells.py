"""Everything that changes a result changes the name of its cell, and nothing else does."""

from dataclasses import replace
from typing import Any

import pytest

from harness.config import load_settings
from harness.measure.budget import Budget, BudgetKind
from harness.plan.cells import Cell, Job, distinct_jobs
from harness.plan.menu import Menu
from methods.registry import method

JOB = Job("hpo", method("ivf"), load_settings("quick"), 0, "dataset", "encoder", "cpu")


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"dataset_fingerprint": "other"},
        {"encoder_fingerprint": "other"},
        {"settings": load_settings("quick", ["training.epochs=61"])},
        {"method": method("ehi")},
    ],
)
def test_what_is_trained_is_named_by_what_decides_it(change: dict[str, Any]):
    changed = replace(JOB, **change)
    assert changed.trained_key != JOB.trained_key
    assert Cell(changed, Budget("visited", 0.1)).name != Cell(JOB, Budget("visited", 0.1)).name


def test_methods_on_one_trainer_share_what_is_trained():
    exact = replace(JOB, method=method("exact"))
    assert exact.trained_key == JOB.trained_key
    assert Cell(exact, Budget("visited", None)).name != Cell(JOB, Budget("visited", 0.1)).name
    more_lists = replace(JOB, settings=load_settings("quick", ["ivf.lists=64"]))
    assert more_lists.trained_key == JOB.trained_key
    assert Cell(more_lists, Budget("visited", 0.1)).name != Cell(JOB, Budget("visited", 0.1)).name


def test_ivf_on_ehis_encoder_is_trained_as_ehi():
    arms = [replace(JOB, method=method(name)) for name in ("ehi", "ehi-encoder+ivf")]
    assert arms[0].trained_key == arms[1].trained_key != JOB.trained_key


def test_an_index_is_named_by_its_settings_and_shared_between_seeds_of_nothing_else():
    more_lists = replace(JOB, settings=load_settings("quick", ["ivf.lists=64"]))
    more_epochs = replace(JOB, settings=load_settings("quick", ["training.epochs=61"]))
    assert JOB.index_key != more_lists.index_key
    assert JOB.index_key == more_epochs.index_key != replace(JOB, method=method("hnsw")).index_key


def test_a_method_that_learns_nothing_depends_on_no_encoder():
    bm25 = replace(JOB, method=method("bm25"))
    other = replace(bm25, encoder_fingerprint="other", device="cuda")
    assert bm25.trained_key == other.trained_key
    assert Cell(bm25, Budget("visited", None)).name == Cell(other, Budget("visited", None)).name


def test_the_device_names_nothing():
    on_gpu = replace(JOB, device="cuda")
    assert on_gpu.trained_key == JOB.trained_key
    assert Cell(on_gpu, Budget("visited", 0.1)).name == Cell(JOB, Budget("visited", 0.1)).name


def test_an_encoder_may_move():
    elsewhere = replace(JOB, settings=load_settings("quick", ["encoder.name=/models/minilm"]))
    assert Cell(elsewhere, Budget("visited", 0.1)).name == Cell(JOB, Budget("visited", 0.1)).name
    assert elsewhere.trained_key == JOB.trained_key


def test_timing_names_nothing():
    longer = replace(JOB, settings=load_settings("quick", ["timing.seconds=9"]))
    assert Cell(longer, Budget("visited", 0.1)).name == Cell(JOB, Budget("visited", 0.1)).name


def test_how_often_training_is_written_down_names_nothing():
    never = replace(JOB, settings=load_settings("quick", ["training.checkpoint_seconds=0"]))
    assert Cell(never, Budget("visited", 0.1)).name == Cell(JOB, Budget("visited", 0.1)).name
    assert never.trained_key == JOB.trained_key


def test_the_budget_is_part_of_a_cell():
    kinds: tuple[BudgetKind, ...] = ("visited", "macs")
    names = {Cell(JOB, Budget(kind, limit)).name for kind in kinds for limit in (0.1, 0.2)}
    assert len(names) == 4


MENU = Menu({"ivf.lists": (64, 128)}, (0, 1))


def test_a_menu_is_part_of_a_cell_and_what_is_chosen_from_it_is_not():
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
    ]
    assert len({cell.name for cell in [with_menu, *others]}) == 5


def test_seeds_share_a_choice_and_budgets_do_not():
    with_menu = Cell(JOB, Budget("visited", 0.1), MENU)
    assert replace(with_menu, job=replace(JOB, seed=1)).choice_name == with_menu.choice_name
    assert replace(with_menu, budget=Budget("visited", 0.2)).choice_name != with_menu.choice_name


def test_an_arm_learns_upon_the_encoder_that_the_two_stage_methods_train():
    for name in ("ehi-frozen", "ivf+router"):
        arm = replace(JOB, method=method(name))
        assert arm.base is not None and arm.base.trained_key == JOB.trained_key
        assert arm.trained_key != JOB.trained_key
        assert arm.trained_key != replace(JOB, method=method("ehi")).trained_key
        other = replace(arm, settings=load_settings("quick", ["ehi.branching=64"]))
        assert other.trained_key != arm.trained_key
        assert other.base is not None and other.base.trained_key == JOB.trained_key
    assert JOB.base is None and replace(JOB, method=method("ehi")).base is None


def test_jobs_with_other_settings_are_other_jobs():
    more_lists = replace(JOB, settings=load_settings("quick", ["ivf.lists=64"]))
    cells = [
        Cell(job, Budget("visited", limit)) for job in (JOB, more_lists) for limit in (0.1, 0.2)
    ]
    assert distinct_jobs(cells) == [JOB, more_lists]
