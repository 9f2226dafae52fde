"""The options that several commands share, and how their values are read."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from methods.errors import InputError

MOST_SECONDS = 1_000_000


def numbers(kind: Callable[[str], Any]) -> Callable[..., list[Any]]:
    """Return a callback that reads numbers from repeated options, each of one or more by commas."""

    def parse(context: click.Context, option: click.Option, values: Sequence[str]) -> list[Any]:
        parts = [part.strip() for value in values for part in value.split(",") if part.strip()]
        try:
            numbers = [kind(part) for part in parts]
        except ValueError:
            numbers = []
        if not numbers:
            noun = "whole numbers" if kind is int else "numbers"
            raise InputError(f"{option.opts[0]} takes {noun}, not {','.join(values)!r}")
        return numbers

    return parse


def numbers_if_any(kind: Callable[[str], Any]) -> Callable[..., list[Any]]:
    """Return the same, where the option may be left out."""
    parse = numbers(kind)
    return lambda context, option, values: parse(context, option, values) if values else []


def no_nan(context: click.Context, option: click.Option, seconds: float | None) -> float | None:
    """Raise InputError for a number of seconds that is none."""
    if seconds is not None and math.isnan(seconds):
        raise InputError(f"{option.opts[0]} takes seconds, not nan")
    return seconds


MEASURING = (
    click.option(
        "--dataset", default="hpo", show_default=True, help="hpo, beir:FOLDER or irds:ID."
    ),
    click.option(
        "--budget",
        "budgets",
        multiple=True,
        default=["0.1"],
        show_default=True,
        callback=numbers(float),
        help="What a query may spend: a share of a full scan, or ms; repeatable, or 0.01,0.05.",
    ),
    click.option(
        "--budget-by",
        type=click.Choice(["visited", "macs", "latency"]),
        default="visited",
        show_default=True,
        help="What the budget limits: documents visited, all multiply-adds, or ms a query.",
    ),
    click.option(
        "--preset",
        help="quick, tuned, paper or a TOML file.  [default: tuned on a GPU, else quick]",
    ),
    click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="SECTION.KEY=VALUE",
        help="Override a setting.",
    ),
    click.option(
        "--seed",
        "seeds",
        multiple=True,
        default=["0"],
        show_default=True,
        callback=numbers(int),
        help="Repeatable.",
    ),
    click.option(
        "--device",
        type=click.Choice(["auto", "cpu", "cuda"]),
        default="auto",
        show_default=True,
        help="Where to train.",
    ),
    click.option(
        "--threads",
        type=click.IntRange(1),
        help="Threads for training, building and batches.  [default: all]",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(0, MOST_SECONDS, min_open=True),
        callback=no_nan,
        metavar="SECONDS",
        help="What training, building or measuring one cell may take.  [default: no limit]",
    ),
    click.option(
        "--out",
        type=click.Path(path_type=Path),
        help="The run folder.  [default: results/runs/DATASET]",
    ),
    click.option("--dry-run", is_flag=True, help="Print the cells and stop."),
    click.option("--debug", is_flag=True, help="Show the traceback of an error."),
)


def measures(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of everything that trains, builds and measures."""
    for option in reversed(MEASURING):
        command = option(command)
    return command
