"""What `ehibench baseline` and `ehibench check` do, from their options to the verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from harness.commands.session import default_run_folder
from harness.regression.baseline import read_measurements, save_baseline
from harness.regression.check import Rules, check
from harness.report.check.junit import to_junit
from harness.report.check.lines import origins, remarks, summary
from harness.report.check.markdown import regression_markdown
from harness.report.check.terminal import regression_table
from harness.report.labels import failures
from methods.errors import InputError

STANDARD_OUTPUT = Path("-")


@dataclass(frozen=True)
class CheckOptions:
    """The options of `ehibench check` as they were given."""

    baseline: Path
    candidate: Path | None
    measure: str
    tolerance: float
    slowdown: float
    relative_to: str | None
    seeds: Sequence[int]
    markdown: Path | None
    junit: Path | None


def save(run: Path, file: Path, log: Console) -> None:
    """Write a baseline file and name the cells that are not in it."""
    for line in failures(save_baseline(run, file)):
        _say(log, f"left out: {line}")


def check_candidate(options: CheckOptions, output: Console) -> int:
    """Compare, print and write what was asked for. Return the exit code."""
    baseline = read_measurements(options.baseline)
    dataset = baseline.records[0].dataset if baseline.records else ""
    candidate = read_measurements(options.candidate or default_run_folder(dataset))
    rules = Rules(
        options.measure,
        options.tolerance,
        options.slowdown,
        options.relative_to,
        tuple(options.seeds),
    )
    found = check(baseline, candidate, rules)
    if options.junit is not None:
        _write(options.junit, to_junit(found), output)
    if options.markdown is not None:
        _write(options.markdown, regression_markdown(found), output)
    if options.markdown == STANDARD_OUTPUT or options.junit == STANDARD_OUTPUT:
        return found.exit_code
    if found.verdicts:
        output.print(regression_table(found))
        output.print()
    for line in [*remarks(found), *origins(found)]:
        _say(output, line)
    _say(output, summary(found))
    return found.exit_code


def _write(place: Path, text: str, output: Console) -> None:
    if place == STANDARD_OUTPUT:
        output.out(text, highlight=False, end="")
        return
    try:
        place.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write {place}: {error.strerror}") from None


def _say(console: Console, line: str) -> None:
    console.print(line, soft_wrap=True, highlight=False, markup=False)
