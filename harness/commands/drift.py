"""`ehibench drift`: add documents to indexes that were built without them, and compare."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace

import click

from harness.commands.console import log_console, output_console, print_line
from harness.commands.options import RunOptions, methods_option, parse_methods, run_options
from harness.commands.session import exit_code, prepare_run
from harness.datasets.arrivals import arrivals
from harness.measure.quality import MEASURE
from harness.plan.drift import DriftCell, drift_cells
from harness.report.rows.drift import drift_differences, drift_rows
from harness.report.terminal.drift import drift_difference_table, drift_failures, drift_table
from harness.report.terminal.table import print_table
from harness.store.drifts import drift_values, read_drift
from harness.store.run_folder import RunFolder
from methods.errors import InputError


@click.command()
@methods_option
@click.option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.2,
    show_default=True,
    help="Share of the documents that arrive after the index was built.",
)
@run_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON: a list of the arms' records.")
def drift(options: RunOptions, names: str, share: float, as_json: bool) -> None:
    """Add documents to indexes that were built without them.

    Each method is measured after adding them, after building its index again, and after training
    and building it again, at the same budgets. The exit codes are those of `ehibench run`.
    """
    _check_counted(options)
    output, log = output_console(), log_console()
    methods = parse_methods(names)
    with prepare_run(options, log) as context:
        split = arrivals(context.dataset, share)
        planned = context.plan(methods, context.settings)
        first = replace(context, dataset=split.first).plan(methods, context.settings)
        cells = drift_cells(first, planned)
        if not options.dry_run:
            from harness.run.drift import DriftRunner

            with context.preparer() as preparer:
                origin = context.provenance()
                runner = DriftRunner(context.dataset, split, share, preparer, origin)
                records = runner.run(cells)
    if options.dry_run:
        for line in _plan(cells, context.folder):
            print_line(output, line)
        return
    measured = [record for record in records if record.result is not None]
    if as_json:
        output.out(json.dumps([asdict(record) for record in measured], indent=1), highlight=False)
    else:
        values = {r.cell: drift_values(context.folder, r.cell, MEASURE) for r in measured}
        rows = drift_rows(measured, values)
        print_line(output, context.summary)
        print_table(output, drift_table(rows, share))
        if differences := drift_differences(rows):
            output.print()
            print_table(output, drift_difference_table(differences))
        print_line(output, f"records: {context.folder.path / 'drift'}")
    for line in drift_failures(records):
        print_line(log, f"Error: {line}")
    sys.exit(exit_code(records))


def _check_counted(options: RunOptions) -> None:
    """Raise InputError for a time, or for a quality, which needs exact search of all documents."""
    if options.qualities or options.quality_by or options.budget_by == "latency":
        raise InputError(
            "drift compares at equal counted budgets; give --budget, with --budget-by visited or "
            "--budget-by macs"
        )


def _plan(cells: Sequence[DriftCell], folder: RunFolder) -> list[str]:
    """Return one line per cell: its name and whether it is measured already."""
    return [
        f"{cell.name}  {'to run' if read_drift(folder, cell.name) is None else 'ok'}"
        for cell in cells
    ]
