"""Split a run into parts that separate processes can do, and do one of them.

Parts share nothing but the run folder. The last stage measures as a run without parts does: it
tries again to make what earlier stages have failed to make, and records why if that fails.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import TypeVar

from harness.config import digest
from harness.plan.cells import Cell, candidate_jobs, group_for_timing
from harness.plan.job import Job
from harness.run.choose import Chooser, without_budget
from harness.run.executors.stages import Part, Stage, Step
from harness.run.prepare import Preparer
from harness.run.runner import Runner
from harness.store.record import Failure
from methods.errors import InputError

T = TypeVar("T")


def split_into_stages(cells: Sequence[Cell], preparer: Preparer) -> list[Stage]:
    """Return the stages that measure the cells, without those that have nothing left to do."""
    jobs = _candidates(cells)
    encoders = {(job.base or job).trained_key: job.base or job for job in jobs.values()}
    menus: dict[str, list[Cell]] = {}
    for cell in cells:
        if cell.menu is not None:
            menus.setdefault(without_budget(cell), []).append(cell)
    groups = [
        group
        for _seed, of_seed in groupby(cells, key=lambda cell: cell.job.seed)
        for group in group_for_timing(list(of_seed))
    ]
    parts: dict[Step, list[Part]] = {
        "train": [
            Part("train", (job.name,))
            for job in encoders.values()
            if job.method.trainer and not preparer.artifacts(job).embeddings.is_dir()
        ],
        "build": [
            Part("build", (job.name,))
            for job in jobs.values()
            if not preparer.artifacts(job).index.is_dir()
        ],
        "choose": [Part("choose", _names(choosing)) for choosing in menus.values()],
        "time": [Part("time", _names(group)) for group in groups],
    }
    return [Stage(step, of_step) for step, of_step in parts.items() if of_step]


def run_part(part: Part, cells: Sequence[Cell], runner: Runner) -> None:
    """Do one part of the run that measures `cells`.

    Failures to train, build or choose are logged; the part that times then records them. Raise
    InputError if the part belongs to other cells.
    """
    if part.step in ("train", "build"):
        candidates = _candidates(cells)
        bases = {job.base.name: job.base for job in candidates.values() if job.base is not None}
        (job,) = _select(part, candidates | bases)
        make = runner.preparer.train if part.step == "train" else runner.preparer.prepare
        _log_failure(make(job), runner.preparer.log)
        return
    chosen = _select(part, {cell.name: cell for cell in cells})
    if part.step == "choose":
        Chooser(runner.dataset, runner.folder, runner.preparer).choose(chosen)
        return
    with runner.folder.locked(f"timing/{digest(part.names)}", runner.preparer.log):
        finished = runner.finished(chosen)
        runner.measure([cell for cell in chosen if cell.name not in finished])


def _candidates(cells: Iterable[Cell]) -> dict[str, Job]:
    return {job.name: job for cell in cells for job in candidate_jobs(cell)}


def _names(cells: Iterable[Cell]) -> tuple[str, ...]:
    return tuple(cell.name for cell in cells)


def _select(part: Part, known: Mapping[str, T]) -> list[T]:
    missing = [name for name in part.names if name not in known]
    if missing:
        raise InputError(
            f"{missing[0]} is not part of this run any more: the dataset, the encoder or ehibench "
            "has changed since it was submitted; run the command again"
        )
    return [known[name] for name in part.names]


def _log_failure(failure: Failure | None, log: Callable[[str], None]) -> None:
    if failure is not None:
        log(f"Error: {failure.reason}")
