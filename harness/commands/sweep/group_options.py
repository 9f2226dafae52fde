"""The processes that train one encoder together: options of every command that trains."""

import shlex
from collections.abc import Sequence

import click

from methods.errors import InputError


def _words(context: click.Context, option: click.Option, value: str) -> Sequence[str]:
    try:
        return shlex.split(value)
    except ValueError as error:
        raise InputError(f"{option.opts[0]} {value}: {error}") from None


processes_option = click.option(
    "--processes",
    type=click.IntRange(1),
    default=1,
    help="Processes that train one encoder together; on GPUs, one for each.  [default: 1]",
)
launcher_option = click.option(
    "--launcher",
    default="",
    callback=_words,
    metavar="COMMAND",
    help="Command that starts these processes instead, on one host or more, such as 'accelerate "
    "launch --config_file FILE'.  [default: none]",
)
