"""`ehibench run`: measure methods, and print a table of their records."""

import json
import sys
from collections.abc import Sequence
from typing import Literal

import click
from rich.console import Console

from harness.commands.console import log_console, output_console, print_line
from harness.commands.dry_run import print_plan
from harness.commands.options import RunOptions, methods_option, parse_methods, run_options
from harness.commands.session import RunContext, exit_code, prepare_run
from harness.plan.given_indexes import with_given_indexes
from harness.plan.menu import parse_menu_options
from harness.report.labels import (
    failures,
    menu_edge_lines,
    shared_node_lines,
    training_lines,
    unmatched_lines,
)
from harness.report.terminal.records import record_tables
from harness.report.terminal.table import print_table
from harness.store.record import Record
from harness.store.record_json import record_to_json
from methods.errors import InputError


@click.command()
@methods_option
@click.option(
    "--index",
    "indexes",
    multiple=True,
    metavar="NAME=FILE",
    help="Index of Faiss or hnswlib, built from the vectors of this dataset, to measure as NAME "
    "with the methods; repeatable.",
)
@click.option(
    "--choose",
    "choices",
    multiple=True,
    metavar="SECTION.KEY=V1,V2,...|auto",
    help="Values of a setting to choose from, on the tuning queries, for each method and budget; "
    "repeatable. auto: the menus that the methods declare.",
)
@click.option(
    "--trials",
    type=click.IntRange(1),
    default=12,
    show_default=True,
    help="With --choose auto: the most combinations of settings that each method may try.",
)
@run_options
@click.option("--force", is_flag=True, help="Train and measure finished cells again.")
@click.option(
    "--executor",
    type=click.Choice(["local", "slurm"]),
    help="Run as jobs: in Slurm, or one after the other on this machine.  [default: no jobs]",
)
@click.option(
    "--slurm",
    multiple=True,
    metavar="KEY=VALUE,...",
    help="Options of sbatch for each job, such as partition=gpu,gpus=1,time=4h; repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: a list of the records.")
def run(
    options: RunOptions,
    names: str,
    indexes: Sequence[str],
    choices: Sequence[str],
    trials: int,
    force: bool,
    executor: Literal["local", "slurm"] | None,
    slurm: Sequence[str],
    as_json: bool,
) -> None:
    """Train, build and measure methods at compute budgets.

    Exit with 0 if every cell was measured, 2 if a library or the input was at fault for all that
    failed, and else with 3.
    """
    if as_json and options.dry_run:
        raise InputError("--json prints records, and --dry-run makes none; leave one of them out")
    output, log = output_console(), log_console()
    chosen_methods = parse_methods(names)
    menus = parse_menu_options(choices, options.overrides, trials)
    if slurm and executor != "slurm":
        raise InputError("--slurm needs --executor slurm")
    with prepare_run(options, log, elsewhere=executor == "slurm") as context:
        rows, settings = with_given_indexes(
            chosen_methods, context.settings, indexes, context.dataset
        )
        cells = context.plan(rows, settings, menus)
        if executor is not None and not options.dry_run:
            from harness.commands.sweep.request import RunRequest
            from harness.commands.sweep.submit import new_executor, run_as_jobs

            request = RunRequest(options, names, indexes, choices, trials, force)
            jobs = new_executor(executor, slurm, context.folder.path, log)
            records = run_as_jobs(request, context, cells, jobs)
        elif not options.dry_run:
            with context.runner(force) as runner:
                records = runner.run(cells)
    if options.dry_run:
        print_plan(output, cells, context.folder, force)
        return
    if as_json:
        values = [record_to_json(record) for record in records]
        output.out(json.dumps(values, indent=1), highlight=False)
    else:
        _print_tables(output, context, records)
    for line in failures(records):
        print_line(log, f"Error: {line}")
    sys.exit(exit_code(records))


def _print_tables(output: Console, context: RunContext, records: Sequence[Record]) -> None:
    print_line(output, context.summary)
    for table in record_tables(records, output.width):
        print_table(output, table)
    unmatched = unmatched_lines(records, context.folder.per_query)
    notes = [*training_lines(records), *menu_edge_lines(records), *shared_node_lines(records)]
    for line in [*notes, *unmatched]:
        print_line(output, line)
    print_line(output, f"records: {context.folder.path}")
