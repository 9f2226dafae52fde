"""Using a removed setting names it, with the version and the reason of its removal."""

from pathlib import Path

import pytest

from harness.config import load_settings
from harness.retired_settings import retirement_notice, without_retired_defaults
from methods.errors import InputError

GONE = r"training\.patience was removed in ehibench 0\.2: early stopping"


def test_an_override_of_a_retired_setting_is_rejected():
    with pytest.raises(InputError, match=GONE):
        load_settings("quick", ["training.patience=3"])


def test_a_preset_with_a_retired_setting_is_rejected(tmp_path: Path):
    preset = tmp_path / "mine.toml"
    preset.write_text("[training]\nepochs = 3\npatience = 0\n")
    with pytest.raises(InputError, match=rf"mine\.toml: {GONE}"):
        load_settings(str(preset))


def test_a_current_setting_has_no_retirement_notice():
    assert retirement_notice("training.epochs") is None


def test_recorded_defaults_are_dropped_and_other_values_kept():
    recorded = {"training": {"epochs": 60, "patience": 0, "evaluate_every": 4}, "ivf": {"lists": 8}}
    assert without_retired_defaults(recorded) == {
        "training": {"epochs": 60, "evaluate_every": 4},
        "ivf": {"lists": 8},
    }
