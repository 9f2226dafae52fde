"""Everything that changes a result changes the name of its cell, and nothing else does."""

from dataclasses import replace
from typing import Any

import pytest

from harness.config import load_settings
from harness.plan import Cell, Job, check_budget
from methods.errors import InputError
from methods.registry import method

JOB = Job("hpo", method("ivf"), load_settings("quick"), 0, "dataset", "encoder", "cpu")


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"device": "cuda"},
        {"dataset_fingerprint": "other"},
        {"encoder_fingerprint": "other"},
        {"settings": load_settings("quick", ["training.epochs=61"])},
        {"method": method("ehi")},
    ],
)
def test_what_is_trained_is_named_by_what_decides_it(change: dict[str, Any]):
    changed = replace(JOB, **change)
    assert changed.trained_from != JOB.trained_from
    assert Cell(changed, 0.1, "visited").name != Cell(JOB, 0.1, "visited").name


def test_methods_on_one_trainer_share_what_is_trained():
    exact = replace(JOB, method=method("exact"))
    assert exact.trained_from == JOB.trained_from
    assert Cell(exact, None, "visited").name != Cell(JOB, 0.1, "visited").name
    more_lists = replace(JOB, settings=load_settings("quick", ["ivf.lists=64"]))
    assert more_lists.trained_from == JOB.trained_from
    assert Cell(more_lists, 0.1, "visited").name != Cell(JOB, 0.1, "visited").name


def test_ivf_on_ehis_encoder_is_trained_as_ehi():
    arms = [replace(JOB, method=method(name)) for name in ("ehi", "ehi-encoder+ivf")]
    assert arms[0].trained_from == arms[1].trained_from != JOB.trained_from


def test_an_index_is_named_by_its_settings_and_shared_between_seeds_of_nothing_else():
    more_lists = replace(JOB, settings=load_settings("quick", ["ivf.lists=64"]))
    more_epochs = replace(JOB, settings=load_settings("quick", ["training.epochs=61"]))
    assert JOB.built_from != more_lists.built_from
    assert (
        JOB.built_from == more_epochs.built_from != replace(JOB, method=method("hnsw")).built_from
    )


def test_a_method_that_learns_nothing_depends_on_no_encoder():
    bm25 = replace(JOB, method=method("bm25"))
    other = replace(bm25, encoder_fingerprint="other", device="cuda")
    assert bm25.trained_from == other.trained_from
    assert Cell(bm25, None, "visited").name == Cell(other, None, "visited").name


def test_an_encoder_may_move():
    elsewhere = replace(JOB, settings=load_settings("quick", ["encoder.name=/models/minilm"]))
    assert Cell(elsewhere, 0.1, "visited").name == Cell(JOB, 0.1, "visited").name
    assert elsewhere.trained_from == JOB.trained_from


def test_timing_names_nothing():
    longer = replace(JOB, settings=load_settings("quick", ["timing.seconds=9"]))
    assert Cell(longer, 0.1, "visited").name == Cell(JOB, 0.1, "visited").name


def test_how_often_training_is_written_down_names_nothing():
    never = replace(JOB, settings=load_settings("quick", ["training.checkpoint_seconds=0"]))
    assert Cell(never, 0.1, "visited").name == Cell(JOB, 0.1, "visited").name
    assert never.trained_from == JOB.trained_from


@pytest.mark.parametrize(("budget", "by"), [(1.5, "visited"), (0, "macs"), (0, "latency")])
def test_a_budget_that_is_none_is_refused(budget: float, by: Any):
    with pytest.raises(InputError, match=f"budget {budget:g} is"):
        check_budget(budget, by)
    check_budget(1.5, "latency")


def test_the_budget_is_part_of_a_cell():
    names = {Cell(JOB, b, by).name for b in (0.1, 0.2) for by in ("visited", "macs")}  # type: ignore[arg-type]
    assert len(names) == 4
