"""A deleted setting is named with since when it is gone, wherever it still stands."""

from pathlib import Path

import pytest

from harness.config import load_settings
from harness.retired_settings import retirement_notice, without_retired_defaults
from methods.errors import InputError

GONE = r"training\.patience was removed in ehibench 0\.2: early stopping"


def test_an_option_that_sets_a_retired_setting_is_refused():
    with pytest.raises(InputError, match=GONE):
        load_settings("quick", ["training.patience=3"])


def test_a_preset_that_names_a_retired_setting_is_refused(tmp_path: Path):
    preset = tmp_path / "mine.toml"
    preset.write_text("[training]\nepochs = 3\npatience = 0\n")
    with pytest.raises(InputError, match=rf"mine\.toml: {GONE}"):
        load_settings(str(preset))


def test_a_setting_in_use_is_not_retired():
    assert retirement_notice("training.epochs") is None


def test_a_recorded_default_is_left_out_and_a_value_that_changed_the_result_stays():
    recorded = {"training": {"epochs": 60, "patience": 0, "evaluate_every": 4}, "ivf": {"lists": 8}}
    assert without_retired_defaults(recorded) == {
        "training": {"epochs": 60, "evaluate_every": 4},
        "ivf": {"lists": 8},
    }
