"""What `ehibench run` does, from checked options to the printed table."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console

from harness.commands.dry_run import estimate, plan_line, plan_table
from harness.commands.session import RunOptions, started
from harness.plan.cells import plan_cells
from harness.plan.menu import read_choices
from harness.report.labels import failures, training_lines
from harness.report.terminal.records import record_tables
from harness.store.record import Record
from methods.errors import InputError, UnavailableError
from methods.registry import Method, method, methods


@dataclass(frozen=True)
class RunCommandOptions(RunOptions):
    """The options of `ehibench run` as they were given."""

    methods: str
    choices: Sequence[str]
    force: bool
    dry_run: bool


def run_cells(options: RunCommandOptions, output: Console, log: Console) -> int:
    """Run the cells, print the table to `output` and everything else to `log`.

    Return the exit code: 0 when every cell is measured, 2 when one could not be for want
    of a library or for its input, 1 when one failed otherwise.
    """
    chosen = _chosen_methods(options.methods)
    choices = read_choices(options.choices, options.overrides)
    with started(options, log) as start:
        cells = plan_cells(
            start.dataset,
            chosen,
            start.settings,
            options.seeds,
            options.limits(),
            start.device,
            choices,
        )
        if not options.dry_run:
            with start.runner(options.force) as runner:
                records = runner.run(cells)
    if options.dry_run:
        estimates = estimate(cells, start.folder, options.force)
        output.print(plan_table(estimates))
        output.print(plan_line(estimates), soft_wrap=True, highlight=False)
        return 0
    output.print(start.headline, soft_wrap=True, highlight=False, markup=False)
    for table in record_tables(records, output.width):
        output.print(table)
    for line in training_lines(records):
        output.print(line, soft_wrap=True, highlight=False, markup=False)
    output.print(f"records: {start.folder.path}", soft_wrap=True, highlight=False, markup=False)
    for line in failures(records):
        log.print(f"Error: {line}", soft_wrap=True, highlight=False, markup=False)
    return exit_code(records)


def _chosen_methods(names: str) -> list[Method]:
    if names.strip() == "all":
        return list(methods().values())
    chosen = [method(name.strip()) for name in names.split(",") if name.strip()]
    if not chosen:
        raise InputError("--methods names no method; e.g. --methods ehi,ivf")
    return list(dict.fromkeys(chosen))


def exit_code(records: Sequence[Record]) -> int:
    """Return 0 where all is measured, 2 where the input or a library is at fault, else 1."""
    errors = {record.failure.error for record in records if record.failure is not None}
    if not errors:
        return 0
    return 2 if errors <= {InputError.__name__, UnavailableError.__name__} else 1
