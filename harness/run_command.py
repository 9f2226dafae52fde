"""What `ehibench run` does, from checked options to the printed table."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from harness.estimate import Estimate, estimate
from harness.menu import read_choices
from harness.plan import plan_cells
from harness.report.table import failures, record_tables, training_lines
from harness.starting import StartOptions, started
from harness.store import Record
from methods.errors import InputError, UnavailableError
from methods.registry import Method, method, methods


@dataclass(frozen=True)
class RunOptions(StartOptions):
    """The options of `ehibench run` as they were given."""

    methods: str
    choices: Sequence[str]
    force: bool
    dry_run: bool


def run_cells(options: RunOptions, output: Console, log: Console) -> int:
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
            options.budgets,
            options.budget_by,
            start.device,
            choices,
        )
        if not options.dry_run:
            with start.runner(options.force) as runner:
                records = runner.run(cells)
    if options.dry_run:
        estimates = estimate(cells, start.folder, options.force)
        output.print(_plan_table(estimates))
        output.print(_plan_line(estimates), soft_wrap=True, highlight=False)
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


def _plan_table(estimates: Sequence[Estimate]) -> Table:
    table = Table("cell", "method", "seed", "budget", "state", box=None, header_style="bold")
    table.add_column("about", justify="right")
    for line in estimates:
        cell = line.cell
        budget = "-" if cell.budget is None else f"{cell.budget:g}"
        about = "?" if line.seconds is None else f"{line.seconds:.0f} s"
        name, seed = cell.job.method.name, str(cell.job.seed)
        table.add_row(cell.name, name, seed, budget, line.state, about)
    return table


def _plan_line(estimates: Sequence[Estimate]) -> str:
    """Say how long the plan takes, and of which methods no record tells."""
    known = sum(line.seconds for line in estimates if line.seconds is not None)
    unknown = {line.cell.job.method.name: None for line in estimates if line.seconds is None}
    told = f"about {known / 60:.1f} min by the records of this run folder"
    return f"{told}; none yet of {', '.join(unknown)}" if unknown else told


def exit_code(records: Sequence[Record]) -> int:
    """Return 0 where all is measured, 2 where the input or a library is at fault, else 1."""
    errors = {record.error for record in records if record.status != "ok"}
    if not errors:
        return 0
    return 2 if errors <= {InputError.__name__, UnavailableError.__name__} else 1
