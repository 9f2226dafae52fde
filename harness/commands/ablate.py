"""`ehibench ablate`: measure the arms of an ablation, and print how each differs."""

import sys

import click

from harness.commands.console import log_console, output_console, print_line
from harness.commands.dry_run import print_plan
from harness.commands.options import RunOptions, run_options
from harness.commands.session import exit_code, prepare_run
from harness.config import with_values
from harness.measure.quality import MEASURE
from harness.plan.arms import choose_arms, grid
from harness.report.labels import failures
from harness.report.rows.ablation import ablation_csv, ablation_rows
from harness.report.terminal.ablation import ablation_table
from harness.report.terminal.table import print_table
from harness.store.ablations import Ablation, write_ablation
from methods.registry import method


@click.command()
@click.option(
    "--arms",
    "names",
    help="Arms to measure besides the full method, separated by commas.  [default: all]",
)
@run_options
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV with one line per arm and budget.")
def ablate(options: RunOptions, names: str | None, as_csv: bool) -> None:
    """Measure ehi with its parts changed one at a time, against the full method.

    --dry-run lists the arms. The exit codes are those of `ehibench run`.
    """
    output, log = output_console(), log_console()
    with prepare_run(options, log) as context:
        arms = choose_arms(grid(context.settings, len(context.dataset.corpus)), names)
        cells = {
            arm.name: context.plan([method(arm.method)], with_values(context.settings, arm.values))
            for arm in arms
        }
        if not options.dry_run:
            with context.runner() as runner:
                # One arm after the other, so that memory has to hold one index only.
                records = {name: runner.run(arm_cells) for name, arm_cells in cells.items()}
                cell_names = {
                    name: [c.name for c in arm_cells] for name, arm_cells in cells.items()
                }
                write_ablation(context.folder, Ablation(cell_names))
    if options.dry_run:
        planned = [cell for arm_cells in cells.values() for cell in arm_cells]
        titles = [name for name, arm_cells in cells.items() for _cell in arm_cells]
        print_plan(output, planned, context.folder, force=False, arms=titles)
        return
    everything = [record for arm_records in records.values() for record in arm_records]
    per_query = {
        record.cell: context.folder.values(record.cell, MEASURE)
        for record in everything
        if record.status == "ok"
    }
    first = next(iter(per_query), None)
    is_unseen = {} if first is None else context.folder.values(first, "unseen")
    rows = ablation_rows(records, per_query, is_unseen)
    if as_csv:
        output.out(ablation_csv(rows), highlight=False, end="")
    else:
        print_line(output, context.summary)
        print_table(output, ablation_table(rows))
        print_line(output, f"records: {context.folder.path}")
    for name, arm_records in records.items():
        for line in failures(arm_records):
            print_line(log, f"Error: {name}: {line}")
    sys.exit(exit_code(everything))
