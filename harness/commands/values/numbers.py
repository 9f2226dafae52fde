"""Numbers, and lists of them."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import click

from methods.errors import InputError


def parse_numbers(kind: Callable[[str], Any]) -> Callable[..., list[Any]]:
    """Return a callback that parses repeated options, each with numbers separated by commas."""

    def parse(context: click.Context, option: click.Option, values: Sequence[str]) -> list[Any]:
        parts = [part.strip() for value in values for part in value.split(",") if part.strip()]
        try:
            numbers = [kind(part) for part in parts]
        except ValueError:
            numbers = []
        if values and not numbers:
            noun = "whole numbers" if kind is int else "numbers"
            raise InputError(f"{option.opts[0]} takes {noun}, not {','.join(values)!r}")
        return numbers

    return parse


def reject_nan(context: click.Context, option: click.Option, value: float | None) -> float | None:
    """Return a number of seconds. Raise InputError if it is not a number."""
    if value is not None and math.isnan(value):
        raise InputError(f"{option.opts[0]} takes seconds, not nan")
    return value
