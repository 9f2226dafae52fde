"""`ehibench compare`: test every method of one or more runs against several baselines at once."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from harness.commands.console import output_console, print_line
from harness.commands.options import UserPath, debug_option
from harness.measure.quality import unmeasured
from harness.report.rows.comparison import compare_with_each
from harness.report.rows.dataset_records import gather
from harness.report.rows.difference import PART_DIFFERENCES, describe_tests
from harness.report.rows.summary import shown_parts
from harness.report.terminal.comparison import against_table
from harness.report.terminal.table import print_table
from harness.store.stored_run import open_run


@click.command()
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=UserPath())
@click.option(
    "--against",
    metavar="METHOD,...",
    default="ivf",
    show_default=True,
    help="Baseline methods, separated by commas.",
)
@click.option("--measure", default="nDCG@10", show_default=True, help="Quality measure to compare.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: a list of differences.")
@debug_option(hidden=True)
def compare(runs: Sequence[Path], against: str, measure: str, as_json: bool) -> None:
    """Test every method against each of several baselines, at the same budget.

    RUN is a run folder, or a file that `ehibench baseline` wrote. All tests on a dataset are one
    family. "detectable" is the smallest difference that the queries and seeds could have shown.
    """
    output = output_console()
    measured, notes = gather([open_run(path) for path in runs])
    values: list[dict[str, Any]] = []
    for number, records in enumerate(measured):
        if measure not in records.measures:
            raise unmeasured(measure, records.measures)
        rows = records.rows(measure)
        comparisons = compare_with_each(rows, against.split(","))
        if as_json:
            values += [line for each in comparisons for line in each.plain(rows, measure)]
            continue
        if number:
            output.print()
        print_line(output, f"{records.title}, {measure}")
        print_table(output, against_table(rows, measure, comparisons))
        tests = sum(d is not None for each in comparisons for d in each.differences)
        print_line(output, describe_tests(rows, tests))
        if shown_parts(rows):
            print_line(output, PART_DIFFERENCES)
    if as_json:
        output.out(json.dumps(values, indent=1), highlight=False)
    else:
        for note in notes:
            print_line(output, f"note: {note}")
