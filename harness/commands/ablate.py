"""What `ehibench ablate` does, from its options to the one printed table."""

from dataclasses import dataclass

from rich.console import Console

from harness.commands.dry_run import estimate, plan_line, plan_table
from harness.commands.run import exit_code
from harness.commands.session import RunOptions, started
from harness.config import with_values
from harness.plan.arms import choose_arms, grid
from harness.plan.cells import plan_cells
from harness.report.labels import failures
from harness.report.rows.ablation import MEASURE, ablation_csv, ablation_rows
from harness.report.terminal.ablation import ablation_table
from harness.store.ablations import Ablation, write_ablation
from methods.registry import method


@dataclass(frozen=True)
class AblateOptions(RunOptions):
    """The options of `ehibench ablate` as they were given; no arms means all."""

    arms: str | None
    as_csv: bool
    dry_run: bool


def run_arms(options: AblateOptions, output: Console, log: Console) -> int:
    """Measure the arms one after the other, print the table to `output` and the rest to `log`.

    An arm's methods are not timed beside those of another, so that memory has to hold one index.
    Return the exit code, as `run` has it.
    """
    with started(options, log) as start:
        arms = choose_arms(grid(start.settings, len(start.dataset.corpus)), options.arms)
        cells = {
            arm.name: plan_cells(
                start.dataset,
                [method(arm.method)],
                with_values(start.settings, arm.values),
                options.seeds,
                options.limits(),
                start.device,
            )
            for arm in arms
        }
        if not options.dry_run:
            with start.runner() as runner:
                records = {name: runner.run(of_arm) for name, of_arm in cells.items()}
                names = {name: [cell.name for cell in of_arm] for name, of_arm in cells.items()}
                write_ablation(start.folder, Ablation(names))
    if options.dry_run:
        planned = [cell for of_arm in cells.values() for cell in of_arm]
        estimates = estimate(planned, start.folder, force=False)
        titles = [name for name, of_arm in cells.items() for _cell in of_arm]
        output.print(plan_table(estimates, titles))
        output.print(plan_line(estimates), soft_wrap=True, highlight=False)
        return 0
    measured = [r for of_arm in records.values() for r in of_arm]
    per_query = {r.cell: start.folder.values(r.cell, MEASURE) for r in measured if r.status == "ok"}
    rows = ablation_rows(records, per_query)
    if options.as_csv:
        output.out(ablation_csv(rows), highlight=False, end="")
    else:
        output.print(start.headline, soft_wrap=True, highlight=False, markup=False)
        output.print(ablation_table(rows))
        output.print(f"records: {start.folder.path}", soft_wrap=True, highlight=False, markup=False)
    for name, of_arm in records.items():
        for line in failures(of_arm):
            log.print(f"Error: {name}: {line}", soft_wrap=True, highlight=False, markup=False)
    return exit_code(measured)
