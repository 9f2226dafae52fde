"""How long the cells of a plan will take, from the records that a run folder holds already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean

from rich.table import Table

from harness.plan.cells import Cell, candidate_jobs, job_with_values
from harness.plan.menu import written
from harness.store.artifacts import Artifacts
from harness.store.choices import read_choice
from harness.store.record import Record, Trial
from harness.store.run_folder import RunFolder
from methods.errors import InputError


@dataclass(frozen=True)
class Estimate:
    """Whether a cell is to be run, and the seconds of that.

    `state` is "to run" or the status of its record. `seconds` holds those of training and
    building for the first cell that needs them, and is None where no record of the method says.
    `chosen` is what was chosen from the cell's menu, or how much there is to choose from.
    """

    cell: Cell
    state: str
    seconds: float | None
    chosen: str


def estimate(cells: Sequence[Cell], folder: RunFolder, force: bool) -> list[Estimate]:
    """Return what each cell will take: the mean of the method's records in the folder."""
    records = [record for record in folder.readable_records() if record.status == "ok"]
    made: set[object] = set()
    estimates = []
    for cell in cells:
        state = _state(cell, folder)
        if state == "ok" and not force:
            estimates.append(Estimate(cell, state, 0.0, _chosen(cell, folder, force)))
            continue
        state = state if state == "to run" else f"{state}, to run again"
        of_method = [record for record in records if record.method == cell.job.method.name]
        seconds = _mean(of_method, "measure")
        if seconds is not None:
            seconds += sum(
                _mean(of_method, step) or 0.0 for step in _missing(cell, folder, made, force)
            )
        estimates.append(Estimate(cell, state, seconds, _chosen(cell, folder, force)))
    return estimates


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
    return f"1 of {len(cell.menu.combinations())}" if best is None else written(best.values)


def _best(cell: Cell, folder: RunFolder, force: bool) -> Trial | None:
    choice = None if force or cell.menu is None else read_choice(folder, cell)
    return choice.best if choice else None


def _missing(cell: Cell, folder: RunFolder, made: set[object], force: bool) -> list[str]:
    """Return the steps that a cell needs first, and that no cell before it has made.

    Where it has still to choose from a menu, they are those of all combinations.
    """
    best = _best(cell, folder, force)
    jobs = candidate_jobs(cell) if best is None else [job_with_values(cell.job, best.values)]
    steps = []
    for job in jobs:
        artifacts = Artifacts.of(job, folder.trained)
        for step, place in (("train", artifacts.learned), ("build", artifacts.index)):
            if place not in made and (force or not place.is_dir()):
                steps.append(step)
            made.add(place)
    return steps


def _mean(records: Iterable[Record], step: str) -> float | None:
    seconds = [getattr(record.measured.durations, step) for record in records]
    return mean(seconds) if seconds else None


def plan_table(estimates: Sequence[Estimate], arms: Sequence[str] = ()) -> Table:
    """Return a line a cell, with the arm of an ablation that it belongs to where there are some."""
    menus = any(line.chosen for line in estimates)
    headers = [
        *(["arm"] if arms else []),
        *("cell", "method", "seed", "budget"),
        *(["chosen"] if menus else []),
        "state",
    ]
    table = Table(*headers, box=None, header_style="bold")
    table.add_column("about", justify="right")
    for place, line in enumerate(estimates):
        cell = line.cell
        table.add_row(
            *([arms[place]] if arms else []),
            cell.name,
            cell.job.method.name,
            str(cell.job.seed),
            "-" if cell.budget.limit is None else f"{cell.budget.limit:g}",
            *([line.chosen] if menus else []),
            line.state,
            "?" if line.seconds is None else f"{line.seconds:.0f} s",
        )
    return table


def plan_line(estimates: Sequence[Estimate]) -> str:
    """Say how long the plan takes, and of which methods no record tells."""
    known = sum(line.seconds for line in estimates if line.seconds is not None)
    unknown = {line.cell.job.method.name: None for line in estimates if line.seconds is None}
    told = f"about {known / 60:.1f} min by the records of this run folder"
    return f"{told}; none yet of {', '.join(unknown)}" if unknown else told
