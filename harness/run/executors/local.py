"""Run the parts of a run on this machine, one after the other, each in a process of its own."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness.run.executors.executor import private_folder, remove_pickles
from harness.run.executors.stages import Part, Stage
from methods.base import ProgressBar

YEAR = 60 * 24 * 365
"""The time limit of a job in minutes, because submitit requires one."""


@dataclass(frozen=True)
class LocalExecutor:
    """Runs jobs as Slurm would, without Slurm. `scratch` is the private folder of its jobs."""

    scratch: Path

    def wait_for_earlier(self) -> None:
        """Do nothing: while a job of a run folder is alive, the folder cannot be opened."""

    def run(
        self, stages: Sequence[Stage], do: Callable[[Part], None], progress: ProgressBar
    ) -> None:
        """Run the parts, and end the one that is running if this process is interrupted."""
        from submitit import LocalExecutor as Submitit

        executor = Submitit(private_folder(self.scratch))
        executor.update_parameters(timeout_min=YEAR)
        try:
            for stage in stages:
                with progress(f"Running {stage.step} jobs", len(stage.parts)) as advance:
                    for part in stage.parts:
                        job = executor.submit(do, part)
                        try:
                            job.wait()
                        except BaseException:
                            with suppress(OSError):
                                job.cancel()
                            raise
                        advance()
        finally:
            remove_pickles(self.scratch)
