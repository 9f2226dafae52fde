"""`ehibench show`: print the records of a run, over seeds and against a baseline."""

import json
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from harness.commands.console import output_console, print_line
from harness.commands.options import UserPath, debug_option
from harness.commands.values.numbers import parse_numbers
from harness.measure.quality import unmeasured
from harness.report.labels import (
    failures,
    menu_edge_lines,
    retired_setting_lines,
    shared_node_lines,
    training_lines,
    unmatched_lines,
)
from harness.report.rows.comparison import compare
from harness.report.rows.csv_export import records_to_csv
from harness.report.rows.selection import select
from harness.report.rows.summary import summarise
from harness.report.terminal.comparison import comparison_table
from harness.report.terminal.records import record_tables
from harness.report.terminal.summary import summary_table
from harness.report.terminal.table import print_table
from harness.store.record import Record
from harness.store.record_json import record_to_json
from harness.store.stored_run import StoredRun, open_run
from methods.errors import InputError


@click.command()
@click.argument("path", metavar="RUN", type=UserPath())
@click.option(
    "--method",
    "methods",
    multiple=True,
    help="Methods to show, separated by commas.  [default: all]",
)
@click.option(
    "--dataset",
    "datasets",
    multiple=True,
    help="Datasets to show, separated by commas.  [default: all]",
)
@click.option(
    "--budget",
    "budgets",
    multiple=True,
    callback=parse_numbers(float),
    help="Budgets to show, separated by commas; methods without a budget are always shown.  "
    "[default: all]",
)
@click.option(
    "--against",
    metavar="METHOD",
    help="Baseline method that the others are tested against, over queries and seeds.",
)
@click.option(
    "--measure",
    default="nDCG@10",
    show_default=True,
    help="Quality measure to summarise and compare.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: a list of records.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV with one line per record.")
@click.option(
    "--open",
    "open_page",
    is_flag=True,
    help="Write the report to the folder report of RUN, and open its page in a browser.",
)
@debug_option(hidden=True)
def show(
    path: Path,
    methods: Sequence[str],
    datasets: Sequence[str],
    budgets: Sequence[float],
    against: str | None,
    measure: str,
    as_json: bool,
    as_csv: bool,
    open_page: bool,
) -> None:
    """Print the records of a run, over seeds and against a baseline.

    RUN is a run folder, or a file that `ehibench baseline` wrote.
    """
    if as_json and as_csv:
        raise InputError("--json and --csv exclude each other; choose one")
    if against is not None and (as_json or as_csv):
        raise InputError("--against prints a table; leave out --json and --csv, or --against")
    if open_page and (as_json or as_csv or against is not None):
        raise InputError("--open opens a page; leave out --json, --csv and --against, or --open")
    if open_page:
        _open_report(path)
        return
    output, stored = output_console(), open_run(path)
    records = select(
        stored.records(),
        _parse_names("--method", methods),
        _parse_names("--dataset", datasets),
        budgets or None,
    )
    if as_json:
        values = [record_to_json(record) for record in records]
        output.out(json.dumps(values, indent=1), highlight=False)
    elif as_csv:
        output.out(records_to_csv(records), highlight=False, end="")
    else:
        _print_tables(output, stored, records, measure, against)


def _open_report(path: Path) -> None:
    from harness.commands.report import write_report

    folder = path / "report" if path.is_dir() else path.with_name(f"{path.name}.report")
    page = write_report([path], folder).page
    click.echo(f"report: {page}")
    if click.launch(str(page)) != 0:
        click.echo("no browser was found; open the page by hand", err=True)


def _print_tables(
    output: Console,
    stored: StoredRun,
    records: Sequence[Record],
    measure: str,
    against: str | None,
) -> None:
    measured = [record for record in records if record.status == "ok"]
    for record in measured:
        metrics = record.measured.quality.metrics
        if measure not in metrics:
            raise unmeasured(measure, metrics)
    for table in record_tables(records, output.width):
        print_table(output, table)
    notes = [*training_lines(records), *menu_edge_lines(records), *retired_setting_lines(records)]
    notes += shared_node_lines(records)
    for line in [*notes, *unmatched_lines(records, stored.per_query), *failures(records)]:
        print_line(output, line)
    several_seeds = len({record.seed for record in measured}) > 1
    if against is None and not several_seeds:
        return
    per_query = {record.cell: stored.values(record.cell, measure) for record in measured}
    rows = summarise(records, per_query)
    comparison = compare(rows, against) if against is not None else None
    output.print()
    print_table(output, summary_table(rows, measure))
    if comparison is not None:
        output.print()
        print_table(output, comparison_table(rows, measure, comparison))


def _parse_names(option: str, values: Sequence[str]) -> list[str] | None:
    names = [name.strip() for value in values for name in value.split(",") if name.strip()]
    if values and not names:
        raise InputError(f"{option} is empty; leave it out to show all")
    return names or None
