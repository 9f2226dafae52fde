"""Print the cells of a plan, and how long they will take by the records of the run folder."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from rich.console import Console
from rich.markup import escape

from harness.commands.console import print_line
from harness.plan.cells import Cell, candidate_jobs
from harness.plan.job import job_with_values
from harness.plan.menu import format_values
from harness.report.terminal.table import TerminalTable, print_table
from harness.store.artifacts import Artifacts
from harness.store.choices import read_choice
from harness.store.record import Record, Trial
from harness.store.run_folder import RunFolder
from methods.errors import InputError


@dataclass(frozen=True)
class Estimate:
    """Whether a cell will be run, and how long that takes."""

    cell: Cell
    state: str  # "to run", or the status of the latest record
    seconds: float | None  # with training and building if no earlier cell does them; None: unknown
    chosen: str  # the values chosen from the cell's menu, or how many combinations it has


def print_plan(
    output: Console, cells: Sequence[Cell], folder: RunFolder, force: bool, arms: Sequence[str] = ()
) -> None:
    """Print one line per cell, then the total time; `arms` names the arm of each cell, if any."""
    estimates = estimate(cells, folder, force)
    print_table(output, plan_table(estimates, arms))
    print_line(output, total_line(estimates))


def estimate(cells: Sequence[Cell], folder: RunFolder, force: bool) -> list[Estimate]:
    """Estimate each cell by the mean durations of its method's records in the folder."""
    records = [record for record in folder.readable_records() if record.status == "ok"]
    planned: set[Path] = set()
    estimates = []
    for cell in cells:
        chosen, state = _chosen(cell, folder, force), _state(cell, folder)
        if state == "ok" and not force:
            estimates.append(Estimate(cell, state, 0.0, chosen))
            continue
        state = state if state == "to run" else f"{state}, to run again"
        method_records = [record for record in records if record.method == cell.job.method.name]
        seconds = _mean_seconds(method_records, "measure")
        if seconds is not None:
            steps = _missing_steps(cell, folder, planned, force)
            seconds += sum(_mean_seconds(method_records, step) or 0.0 for step in steps)
        estimates.append(Estimate(cell, state, seconds, chosen))
    return estimates


def plan_table(estimates: Sequence[Estimate], arms: Sequence[str] = ()) -> TerminalTable:
    """Return a table with one line per cell, and a column for the arms of an ablation, if any."""
    menus = any(line.chosen for line in estimates)
    headers = [
        *(["arm"] if arms else []),
        *("cell", "method", "seed", "budget"),
        *(["chosen"] if menus else []),
        "state",
    ]
    table = TerminalTable(names=2 if arms else 1)
    table.add_headers([*headers, "about"], texts=("arm", "cell", "method", "chosen", "state"))
    for position, line in enumerate(estimates):
        cell = line.cell
        table.add_row(
            *([escape(arms[position])] if arms else []),
            escape(cell.name),
            escape(cell.job.method.name),
            str(cell.job.seed),
            cell.budget.label,
            *([escape(line.chosen)] if menus else []),
            line.state,
            "?" if line.seconds is None else f"{line.seconds:.0f} s",
        )
    return table


def total_line(estimates: Sequence[Estimate]) -> str:
    """Return the time that the plan takes, and the methods that have no record to estimate by."""
    known = sum(line.seconds for line in estimates if line.seconds is not None)
    unknown = {line.cell.job.method.name: None for line in estimates if line.seconds is None}
    total = f"about {known / 60:.1f} min by the records of this run folder"
    return f"{total}; none yet of {', '.join(unknown)}" if unknown else total


def _state(cell: Cell, folder: RunFolder) -> str:
    try:
        latest = folder.latest(cell.name)
    except InputError:
        return "damaged"
    return latest.status if latest else "to run"


def _chosen(cell: Cell, folder: RunFolder, force: bool) -> str:
    if cell.menu is None:
        return ""
    best = _best(cell, folder, force)
    return f"1 of {len(cell.menu.combinations())}" if best is None else format_values(best.values)


def _best(cell: Cell, folder: RunFolder, force: bool) -> Trial | None:
    choice = None if force or cell.menu is None else read_choice(folder, cell)
    return choice.best if choice else None


def _missing_steps(cell: Cell, folder: RunFolder, planned: set[Path], force: bool) -> list[str]:
    """Return the steps that a cell needs and that neither the folder nor an earlier cell has.

    While there is no choice from the cell's menu yet, the steps of all combinations count. The
    artifacts of the cell are added to `planned`.
    """
    best = _best(cell, folder, force)
    jobs = candidate_jobs(cell) if best is None else [job_with_values(cell.job, best.values)]
    steps = []
    for job in jobs:
        artifacts = Artifacts.for_job(job, folder.trained)
        for step, path in (("train", artifacts.learned), ("build", artifacts.index)):
            if path not in planned and (force or not path.is_dir()):
                steps.append(step)
            planned.add(path)
    return steps


def _mean_seconds(records: Iterable[Record], step: str) -> float | None:
    seconds = [getattr(record.measured.durations, step) for record in records]
    return mean(seconds) if seconds else None
