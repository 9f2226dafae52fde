"""`ehibench baseline` and `ehibench check`: is a run worse than an earlier one?"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from harness.commands.console import log_console, output_console, print_line
from harness.commands.options import MAX_SECONDS, UserPath, debug_option
from harness.commands.session import default_run_folder
from harness.commands.values.numbers import parse_numbers
from harness.regression.check import Rules, check
from harness.regression.measurements import read_measurements
from harness.report.check.junit import to_junit
from harness.report.check.lines import origins, remarks, summary
from harness.report.check.markdown import regression_markdown
from harness.report.check.plain import check_to_json
from harness.report.check.terminal import regression_table
from harness.report.labels import failures
from harness.report.terminal.table import print_table
from harness.store.stored_run import open_run, save_run
from methods.errors import InputError

STANDARD_OUTPUT = Path("-")


@click.command(name="baseline")
@click.argument("run", metavar="RUN", type=UserPath())
@click.argument("file", metavar="FILE", type=UserPath())
@debug_option(hidden=True)
def write_baseline(run: Path, file: Path) -> None:
    """Save what `check`, `show` and `report` need of a run to one file, small enough to commit."""
    log = log_console()
    for line in failures(save_run(open_run(run), file)):
        print_line(log, f"saved without a result: {line}")


@click.command(name="check")
@click.argument("baseline", type=UserPath())
@click.argument("candidate", required=False, type=UserPath())
@click.option("--measure", default="nDCG@10", show_default=True, help="Quality measure to compare.")
@click.option(
    "--tolerance",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.01,
    show_default=True,
    help="Largest accepted loss of quality, as a fraction of the baseline's.",
)
@click.option(
    "--slowdown",
    type=click.FloatRange(1, MAX_SECONDS),
    default=1.25,
    show_default=True,
    help="Largest accepted ratio of candidate to baseline search time.",
)
@click.option(
    "--relative-to",
    metavar="METHOD",
    help="Method of the same run that search times are divided by.  "
    "[default: the reference workload]",
)
@click.option(
    "--seed",
    "seeds",
    multiple=True,
    callback=parse_numbers(int),
    help="Random seeds to compare, separated by commas; the noise is estimated from all seeds of "
    "the baseline.  [default: all]",
)
@click.option(
    "--markdown",
    type=UserPath(allow_dash=True),
    metavar="FILE",
    help="File for a Markdown summary, for CI; - prints it instead of the table.",
)
@click.option(
    "--junit",
    "junit_file",
    type=UserPath(allow_dash=True),
    metavar="FILE",
    help="File for JUnit XML with one test case per method, budget and kind of verdict; - prints "
    "it instead of the table.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the table.")
@debug_option(hidden=True)
def check_candidate(
    baseline: Path,
    candidate: Path | None,
    measure: str,
    tolerance: float,
    slowdown: float,
    relative_to: str | None,
    seeds: Sequence[int],
    markdown: Path | None,
    junit_file: Path | None,
    as_json: bool,
) -> None:
    """Exit with 1 if CANDIDATE is worse than BASELINE beyond tolerance and noise.

    Both are run folders, or files that `ehibench baseline` wrote. CANDIDATE defaults to the folder
    that `ehibench run` writes to: results/runs/DATASET, for the baseline's dataset.

    The exit code is 0 if nothing is worse, 1 if quality or speed is, and 2 if a cell of BASELINE is
    missing or was measured on different data or with different settings. Any other code, after a
    crash for example, is not a verdict.
    """
    if as_json and STANDARD_OUTPUT in (markdown, junit_file):
        raise InputError("--json prints to the same place as -; name a file, or leave out --json")
    output = output_console()
    expected = read_measurements(open_run(baseline))
    dataset = expected.records[0].dataset if expected.records else ""
    actual = read_measurements(open_run(candidate or default_run_folder(dataset)))
    rules = Rules(measure, tolerance, slowdown, relative_to, tuple(seeds))
    outcome = check(expected, actual, rules)
    if junit_file is not None:
        _write(junit_file, to_junit(outcome), output)
    if markdown is not None:
        _write(markdown, regression_markdown(outcome), output)
    if as_json:
        output.out(json.dumps(check_to_json(outcome), indent=1), highlight=False)
    elif STANDARD_OUTPUT not in (markdown, junit_file):
        if outcome.verdicts:
            print_table(output, regression_table(outcome))
            output.print()
        for line in [*remarks(outcome), *origins(outcome), summary(outcome)]:
            print_line(output, line)
    sys.exit(outcome.exit_code)


def _write(path: Path, text: str, output: Console) -> None:
    if path == STANDARD_OUTPUT:
        output.out(text, highlight=False, end="")
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from None
