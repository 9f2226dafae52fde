"""Numbers are separated by commas or by repeating the option."""

import click
import pytest

from harness.commands.values.numbers import parse_numbers
from methods.errors import InputError


def numbers(kind: type, *values: str) -> list[float]:
    option = click.Option(["--seed"])
    parsed: list[float] = parse_numbers(kind)(click.Context(click.Command("c")), option, values)
    return parsed


def test_an_option_may_be_repeated_and_hold_several_numbers():
    assert numbers(float, "0.1, 0.2", "0.5,") == [0.1, 0.2, 0.5]
    assert numbers(int) == []


@pytest.mark.parametrize("values", [("1.5",), ("1", "x"), (",",)])
def test_what_is_not_a_number_is_named_with_its_option(values: tuple[str, ...]):
    with pytest.raises(InputError, match=f"--seed takes whole numbers, not '{','.join(values)}'"):
        numbers(int, *values)
