"""A run whose parts are done by other processes: how it is split, submitted and collected."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from rich.console import Console

from harness.commands.console import log_console, print_line
from harness.commands.options import RunOptions, parse_methods
from harness.commands.session import RunContext, cache_folder, prepare_run
from harness.config import digest
from harness.plan.cells import Cell
from harness.plan.menu import parse_menu_options
from harness.run.executors.executor import Executor, check_submitit
from harness.run.executors.local import LocalExecutor
from harness.run.executors.parts import run_part, split_into_stages
from harness.run.executors.slurm import SlurmExecutor, parse_slurm
from harness.run.executors.stages import Part
from harness.store.record import Failure, Record

NO_RECORD = Failure("JobError", "its job ended without a record; see the log of the job")


@dataclass(frozen=True)
class RunRequest:
    """What `ehibench run` was asked to measure. A job does a part of it by calling it."""

    options: RunOptions
    names: str  # of methods
    choices: Sequence[str]
    trials: int
    force: bool
    command: Sequence[str] = field(default_factory=lambda: tuple(sys.argv))

    def plan(self, context: RunContext) -> list[Cell]:
        """Return the cells. Raise InputError for options that do not fit each other."""
        menus = parse_menu_options(self.choices, self.options.overrides, self.trials)
        return context.plan(parse_methods(self.names), context.settings, menus)

    def __call__(self, part: Part) -> None:
        """Do a part in this process, which knows of the others only what is in the run folder."""
        sys.argv[:] = self.command  # records name the command that the user gave
        with prepare_run(self.options, log_console()) as context:
            cells = self.plan(context)
            with replace(context, is_part=True).runner(self.force) as runner:
                run_part(part, cells, runner)

    def checkpoint(self, part: Part) -> Any:
        """Return what submitit queues again if a job is pre-empted or out of time."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self, part)


def run_as_jobs(
    request: RunRequest, context: RunContext, cells: Sequence[Cell], executor: Executor
) -> list[Record]:
    """Let an executor measure the cells that are not finished; return the records of all.

    A cell whose job ended without a record gets one that says so.
    """
    executor.wait_for_earlier()
    with context.runner(request.force) as runner:
        finished = runner.finished(cells)
        pending = [cell for cell in cells if cell.name not in finished]
        if request.force:
            runner.forget(pending)
        before = {cell.name: context.folder.attempts(cell.name) for cell in pending}
        request = replace(request, options=replace(request.options, preset=context.preset))
        executor.run(split_into_stages(pending, runner.preparer), request, context.progress)
        for cell in pending:
            if context.folder.attempts(cell.name) == before[cell.name]:
                runner.recorder.record_failure(cell, NO_RECORD)
        latest = (context.folder.latest(cell.name) for cell in cells)
        return [record for record in latest if record is not None]


def new_executor(
    name: Literal["local", "slurm"], slurm: Sequence[str], folder: Path, log: Console
) -> Executor:
    """Return the executor for a run folder.

    Raise InputError for options that do not fit, and UnavailableError without submitit.
    """
    check_submitit()
    key = digest(str(folder.resolve()))
    scratch = cache_folder() / "jobs" / key
    if name == "local":
        return LocalExecutor(scratch)
    request = parse_slurm(slurm)
    return SlurmExecutor(scratch, f"ehibench-{key}", request, partial(print_line, log))
