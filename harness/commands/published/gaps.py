"""Find what a published row lacks: what its source does not say, and what its command does not do.

A command is parsed by the parser of `ehibench run`, with the preset that it names.
"""

import shlex
from collections.abc import Iterator
from dataclasses import asdict

import click

from harness.commands.options import RunOptions, parse_methods
from harness.commands.run import run
from harness.config import Settings, load_settings
from harness.measure.quality import CUTOFFS
from harness.report.rows.published import Claim, PublishedNumber
from methods.errors import InputError

PROGRAM = ["ehibench", "run"]


def gaps(row: PublishedNumber | Claim) -> list[str]:
    """Return what a row lacks, in one line each."""
    return [*_unknown(row), *_not_in_command(row)]


def parse_command(command: str) -> tuple[RunOptions, list[str], Settings]:
    """Return the options of a call of `ehibench run`, the names of its methods and its settings.

    Raise InputError if it is not such a call, or if an option or a setting is wrong.
    """
    words = shlex.split(command)
    if words[:2] != PROGRAM:
        raise InputError(f"the command must begin with {' '.join(PROGRAM)}")
    try:
        values = dict(run.make_context("run", words[2:]).params)
    except click.ClickException as error:
        raise InputError(error.format_message()) from None
    names = [each.name for each in parse_methods(values.pop("names"))]
    shared = {name: values[name] for name in RunOptions.__annotations__ if name in values}
    options = RunOptions(**shared, debug=False)
    options.limits()
    return options, names, load_settings(options.preset or "quick", options.overrides)


def _unknown(row: PublishedNumber | Claim) -> Iterator[str]:
    if row.read != "paper" and row.system == "EHI":
        yield f"it was not read in the paper, but is {row.read}"
    if row.confidence == "weak":
        yield "its source is weak"
    if row.queries is None:
        yield "the number of test queries is unknown"
    if isinstance(row, Claim) or not row.method:
        return
    if row.budget is None and any(each.budgeted for each in parse_methods(row.method)):
        yield "its budget is unknown, so it is not compared"
    if "encoder.name" not in row.settings and parse_methods(row.method)[0].trainer is not None:
        yield "its encoder is unknown: name it in settings"


def _not_in_command(row: PublishedNumber | Claim) -> Iterator[str]:
    try:
        options, names, settings = parse_command(row.command)
    except InputError as error:
        yield f"command: {error}"
        return
    if options.dataset != row.dataset:
        yield f"command: it measures {options.dataset}"
    needed = (row.method, *(row.rivals[:1] if isinstance(row, Claim) else ()))
    if missing := [name for name in needed if name and name not in names]:
        yield f"command: it leaves out {', '.join(missing)}"
    if isinstance(row, PublishedNumber) and row.method:
        yield from _unlike_our_record(row, options, settings)


def _unlike_our_record(
    row: PublishedNumber, options: RunOptions, settings: Settings
) -> Iterator[str]:
    depth = CUTOFFS.get(row.measure)
    if depth is None:
        yield f"{row.measure} is not measured; known: {', '.join(CUTOFFS)}"
    elif options.depth < depth:
        yield f"command: {row.measure} needs --depth {depth}"
    if row.budget is not None and row.budget not in [each.limit for each in options.limits()]:
        yield f"command: it lacks --budget {row.budget:g}"
    plain = {section: asdict(values) for section, values in settings.items()}
    for name, value in row.settings.items():
        section, _, key = name.partition(".")
        if section not in plain or key not in plain[section]:
            yield f"settings: there is no setting {name}"
        elif plain[section][key] != value:
            yield f"command: {name} is {plain[section][key]}, not {value}"
