"""How long the cells of a plan will take, from the records that a run folder holds already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean

from harness.artifacts import Artifacts
from harness.plan import Cell
from harness.store import Record, RunFolder


@dataclass(frozen=True)
class Estimate:
    """Whether a cell is to be run, and the seconds of that.

    `state` is "to run" or the status of its record. `seconds` holds those of training and
    building for the first cell that needs them, and is None where no record of the method says.
    """

    cell: Cell
    state: str
    seconds: float | None


def estimate(cells: Sequence[Cell], folder: RunFolder, force: bool) -> list[Estimate]:
    """Return what each cell will take: the mean of the method's records in the folder."""
    there = (folder.path / "cells").is_dir()
    records = [record for record in folder.records() if record.status == "ok"] if there else []
    made: set[object] = set()
    estimates = []
    for cell in cells:
        latest = folder.latest(cell.name)
        if latest is not None and latest.status == "ok" and not force:
            estimates.append(Estimate(cell, latest.status, 0.0))
            continue
        state = "to run" if latest is None else f"{latest.status}, to run again"
        of_method = [record for record in records if record.method == cell.job.method.name]
        seconds = _mean(of_method, "measure")
        if seconds is not None:
            seconds += sum(
                _mean(of_method, step) or 0.0 for step in _missing(cell, folder, made, force)
            )
        estimates.append(Estimate(cell, state, seconds))
    return estimates


def _missing(cell: Cell, folder: RunFolder, made: set[object], force: bool) -> list[str]:
    """Return the steps that a cell needs first, and that no cell before it has made."""
    artifacts = Artifacts.of(cell.job, folder.trained)
    steps = []
    for step, place in (("train", artifacts.encoder), ("build", artifacts.index)):
        if place not in made and (force or not place.is_dir()):
            steps.append(step)
        made.add(place)
    return steps


def _mean(records: Iterable[Record], step: str) -> float | None:
    seconds = [record.seconds[step] for record in records]
    return mean(seconds) if seconds else None
