"""Train, build and measure methods from Python, as `ehibench run` does."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from os import PathLike
from types import ModuleType

import click

from ehibench.measured_run import Run
from harness.commands.console import log_console
from harness.commands.options import RunOptions, parse_methods
from harness.commands.run import run as run_command
from harness.commands.session import prepare_run
from harness.plan.menu import parse_menu_options
from methods.errors import InputError

COMMAND_ONLY = ("index", "executor", "slurm")
Value = str | int | float | PathLike[str]
"""The value of an option or a setting."""


def run(
    methods: str | Sequence[str] = "ehi,ivf",
    dataset: str = "hpo",
    *,
    settings: Mapping[str, Value] | None = None,
    **options: Value | Sequence[Value],
) -> Run:
    """Train, build and measure methods at compute budgets, and return what was measured.

    Finished cells of the run folder are not measured again. Progress is shown on standard error.
    A method that fails does not stop the others; its record says why, and has no result.

    Args:
        methods: Names of methods, such as `"ehi,ivf"` or `["ehi", "ivf"]`, or `"all"`.
        dataset: What `--dataset` takes, such as `"hpo"` or `"beir:FOLDER"`.
        settings: Values that replace the preset's, by "section.key".
        **options: The other options of `ehibench run` that take a value, but for COMMAND_ONLY,
            with `_` for `-`, such as `budget=0.1`, `budget_by="latency"`, `seed=[0, 1, 2]`,
            `choose=["auto"]` or `out="FOLDER"`.

    Raises:
        InputError: If an option or the dataset is not valid.
        UnavailableError: If a library or the files that the dataset needs are missing.
    """
    for name in COMMAND_ONLY:
        if name in options:
            raise InputError(f"{name} is an option of the command alone: ehibench run --{name} ...")
    names = methods if isinstance(methods, str) else ",".join(methods)
    words = ["--methods", names, "--dataset", dataset]
    words += [f"--set={key}={value}" for key, value in (settings or {}).items()]
    for name, value in options.items():
        values = [value] if isinstance(value, str | int | float | PathLike) else value
        words += [f"--{name.replace('_', '-')}={each}" for each in values]
    try:
        given = run_command.make_context("ehibench.run", words).params
    except click.UsageError as error:
        raise InputError(error.format_message()) from None
    shared = {field.name: given[field.name] for field in fields(RunOptions) if field.name in given}
    run_options = RunOptions(**shared, debug=False)
    menus = parse_menu_options(given["choices"], run_options.overrides, given["trials"])
    with _hidden_script(), prepare_run(run_options, log_console()) as context:
        cells = context.plan(parse_methods(given["names"]), context.settings, menus)
        with context.runner() as runner:
            return Run(context.folder.path, runner.run(cells))


@contextmanager
def _hidden_script() -> Iterator[None]:
    """Keep worker processes from importing the script that calls `run`, and so calling it again."""
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script
