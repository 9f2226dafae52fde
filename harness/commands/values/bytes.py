"""Numbers of bytes, such as 4GB."""

import re

import click

from methods.errors import InputError

UNITS = {"mb": 10**6, "gb": 10**9, "mib": 1 << 20, "gib": 1 << 30}


def parse_bytes(context: click.Context, option: click.Option, value: str | None) -> int | None:
    """Return the bytes that a number and MB, GB, MiB or GiB spell out, or None for none.

    Raise InputError, naming the option, for anything else.
    """
    if value is None:
        return None
    spelled = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([mg]i?b)", value.strip().lower())
    size = int(float(spelled[1]) * UNITS[spelled[2]]) if spelled else 0
    if not size:
        raise InputError(f"{option.opts[0]} takes a number of MB or GB, such as 4GB, not {value!r}")
    return size
