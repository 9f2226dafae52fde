from typing import Any

import pytest

from methods.ehi.settings import EhiSettings, TreeSettings
from methods.errors import InputError


def test_a_tree_has_branching_to_the_power_of_height_leaves():
    assert EhiSettings(height=3, branching=8).leaves == 512


def test_a_tree_with_too_many_leaves_is_rejected():
    with pytest.raises(InputError, match=r"ehi\.height 8 .* 16777216 leaves"):
        EhiSettings(height=8, branching=8)


@pytest.mark.parametrize(
    ("settings", "change"),
    [
        (EhiSettings, {"branching": 1}),
        (EhiSettings, {"encoder_gradient": 1.5}),
        (EhiSettings, {"balance_weight": -0.1}),
        (TreeSettings, {"spilled": -1}),
    ],
)
def test_values_out_of_range_are_rejected_by_name(settings: type[Any], change: dict[str, float]):
    (name,) = change
    with pytest.raises(InputError, match=rf"(ehi|tree)\.{name} is .*; it must be"):
        settings(**change)
