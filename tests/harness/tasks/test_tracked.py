"""A tracker is told the name of a training and the settings that decide it."""

from pathlib import Path

import pytest

from harness.config import load_settings
from harness.plan.job import Job
from harness.tasks.tracked import tracked_training
from methods.registry import method


@pytest.mark.parametrize(
    ("name", "trainer"), [("ivf", "dual_encoder"), ("ehi", "ehi"), ("ehi-frozen", "ehi_frozen")]
)
def test_a_training_is_named_after_its_trainer_seed_and_key(name: str, trainer: str):
    settings = load_settings("quick", ["ehi.branching=8", "ivf.lists=16"])
    job = Job("hpo", method(name), settings, 3, "data", "encoder", "cpu")
    tracked = tracked_training(job, "tensorboard", Path("run/tracking"))
    assert tracked.name == f"{trainer}-seed-3-{job.trained_key}"
    assert tracked.settings["trainer"] == trainer and tracked.settings["dataset"] == "hpo"
    assert tracked.settings["training.epochs"] == settings["training"].epochs
    assert tracked.settings.get("ehi.branching") == (None if name == "ivf" else 8)
    assert "ivf.lists" not in tracked.settings  # which no training reads
    assert all(isinstance(value, bool | int | float | str) for value in tracked.settings.values())
