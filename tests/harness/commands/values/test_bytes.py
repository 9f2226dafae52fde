"""Sizes are spelled with a unit."""

import click
import pytest

from harness.commands.values.bytes import parse_bytes
from methods.errors import InputError


def parsed(spelled: str | None) -> int | None:
    option = click.Option(["--memory"])
    return parse_bytes(click.Context(click.Command("run")), option, spelled)


def test_sizes_are_numbers_with_a_unit():
    assert parsed("4GB") == 4_000_000_000
    assert parsed(" 1.5 gib ") == 3 << 29
    assert parsed("300MB") == 300_000_000
    assert parsed(None) is None


@pytest.mark.parametrize("spelled", ["4", "GB", "-4GB", "0MB", "4 potatoes"])
def test_anything_else_is_rejected(spelled: str):
    with pytest.raises(InputError, match="--memory takes a number of MB or GB, such as 4GB, not"):
        parsed(spelled)
