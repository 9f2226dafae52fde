import pytest

from methods.errors import InputError
from methods.settings import EncoderSettings, TrainingSettings, check_range


def test_check_range_accepts_both_bounds():
    check_range("x", 0, 0, 1)
    check_range("x", 1, 0, 1)


def test_check_range_names_the_setting_its_value_and_the_bounds():
    with pytest.raises(InputError, match=r"^x is 1\.5; it must be from 0 to 1$"):
        check_range("x", 1.5, 0, 1)
    with pytest.raises(InputError, match=r"^x is -2; it must be at least 0$"):
        check_range("x", -2, 0)


def test_nan_is_out_of_every_range():
    with pytest.raises(InputError, match="x is nan"):
        check_range("x", float("nan"), 0)


def test_a_head_that_does_not_exist_cannot_be_trained():
    with pytest.raises(InputError, match=r"set encoder\.head=linear"):
        EncoderSettings(train="head", head="none")


def test_training_settings_are_checked():
    with pytest.raises(InputError, match=r"training\.batch_size is 1; it must be at least 2"):
        TrainingSettings(batch_size=1)
