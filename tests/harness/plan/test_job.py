"""What decides a job's training and its index is in their keys, and nothing else is."""

from dataclasses import replace

import pytest

from harness.config import load_settings
from harness.plan.job import Job
from methods.registry import method

JOB = Job("hpo", method("ivf"), load_settings("quick"), 0, "dataset", "encoder", "cpu")


def test_ivf_on_the_encoder_of_ehi_shares_its_training():
    arms = [replace(JOB, method=method(name)) for name in ("ehi", "ehi-encoder+ivf")]
    assert arms[0].trained_key == arms[1].trained_key != JOB.trained_key


def test_the_index_key_depends_only_on_the_index_and_its_settings():
    more_lists = replace(JOB, settings=load_settings("quick", ["ivf.lists=64"]))
    more_epochs = replace(JOB, settings=load_settings("quick", ["training.epochs=61"]))
    assert JOB.index_key != more_lists.index_key
    assert JOB.index_key == more_epochs.index_key != replace(JOB, method=method("hnsw")).index_key


def test_the_index_key_depends_on_what_is_scanned():
    names = ("ivf", "ivf+short", "ivf+sq8", "ivf+pq", "ivf+rabitq")
    assert len({replace(JOB, method=method(name)).index_key for name in names}) == len(names)
    short = replace(JOB, method=method("ivf+short"))
    shorter = replace(short, settings=load_settings("quick", ["short.rank=8"]))
    assert short.index_key != shorter.index_key and short.trained_key == JOB.trained_key
    assert replace(JOB, settings=shorter.settings).index_key == JOB.index_key


@pytest.mark.parametrize(
    ("name", "inner_setting"),
    [
        ("ivf+hnsw", "ivf.lists=64"),
        ("ehi+hnsw", "tree.routing=codes"),
        ("ehi-vectors+ivf", "ivf.lists=64"),
        ("ehi-vectors+hnsw", "hnsw.neighbours=8"),
    ],
)
def test_the_index_key_depends_on_the_settings_of_the_index_inside(name: str, inner_setting: str):
    arm = replace(JOB, method=method(name))
    other = replace(arm, settings=load_settings("quick", [inner_setting]))
    assert arm.index_key != other.index_key


@pytest.mark.parametrize(
    ("name", "of_searches"),
    [
        ("ivf", "ivf.beam=mass"),
        ("ehi", "tree.beam=mass"),
        ("ivf+hnsw", "graph.beam=2"),
        ("ehi+hnsw", "graph.starts=2"),
    ],
)
def test_one_index_is_built_for_all_values_of_a_setting_of_searches(name: str, of_searches: str):
    arm = replace(JOB, method=method(name))
    other = replace(arm, settings=load_settings("quick", [of_searches]))
    assert arm.index_key == other.index_key and arm.name != other.name


def test_a_frozen_arm_trains_on_the_encoder_of_the_two_stage_methods():
    for name in ("ehi-frozen", "ivf+router"):
        arm = replace(JOB, method=method(name))
        assert arm.base is not None and arm.base.trained_key == JOB.trained_key
        assert arm.trained_key != JOB.trained_key
        assert arm.trained_key != replace(JOB, method=method("ehi")).trained_key
        other = replace(arm, settings=load_settings("quick", ["ehi.branching=64"]))
        assert other.trained_key != arm.trained_key
        assert other.base is not None and other.base.trained_key == JOB.trained_key
    assert JOB.base is None and replace(JOB, method=method("ehi")).base is None
