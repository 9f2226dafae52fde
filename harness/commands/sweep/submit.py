"""Submit a run as jobs, and collect the records that they leave in the run folder."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Literal

from rich.console import Console

from harness.commands.console import print_line
from harness.commands.session import RunContext, cache_folder
from harness.commands.sweep.request import RunRequest
from harness.config import digest
from harness.plan.cells import Cell
from harness.run.executors.executor import Executor, check_submitit
from harness.run.executors.local import LocalExecutor
from harness.run.executors.parts import split_into_stages
from harness.run.executors.slurm import SlurmExecutor, parse_slurm
from harness.store.record import Failure, Record


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
        executor.run(split_into_stages(pending, runner.preparer), request, context.progress)
        reason = f"its job ended without a record; the logs are in {executor.scratch}"
        for cell in pending:
            if context.folder.attempts(cell.name) == before[cell.name]:
                runner.recorder.record_failure(cell, Failure("JobError", reason))
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
