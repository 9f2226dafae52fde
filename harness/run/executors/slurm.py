"""Run the parts of a run as Slurm jobs: an array for each stage, which the next one waits for."""

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.run.executors.executor import private_folder, remove_pickles
from harness.run.executors.stages import Part, Stage
from methods.base import ProgressBar
from methods.errors import InputError

MAX_TIMEOUTS = 20
"""How often a job is queued again after its time limit. Training resumes from its checkpoint."""
POLL_SECONDS = (1.0, 15.0)
"""The time between two looks at the queue: at first, and at most."""
MINUTES = {"": 1, "m": 1, "h": 60, "d": 24 * 60}
OWN = {"array", "dependency", "error", "job-name", "open-mode", "output", "signal"}
"""Options of sbatch that users cannot set, because the executor does."""


@dataclass(frozen=True)
class SlurmRequest:
    """What each job asks Slurm for."""

    minutes: int  # the time limit of a job, which is then queued again
    options: Mapping[str, str]  # of sbatch, by their long names without dashes
    whole_node: bool = True  # for the jobs that time searches


def parse_slurm(assignments: Sequence[str]) -> SlurmRequest:
    """Return the request that `--slurm` spells out, such as `partition=gpu,gpus=1,time=4h`.

    Raise InputError for what is not key=value, for a time in an unknown form, or without one.
    """
    options: dict[str, str] = {}
    for assignment in (part for text in assignments for part in text.split(",") if part.strip()):
        key, equals, value = (word.strip() for word in assignment.partition("="))
        if not equals or not key or not value:
            raise InputError(
                f"--slurm takes key=value, not {assignment!r}; e.g. --slurm partition=gpu,time=4h"
            )
        if key in OWN:
            raise InputError(f"--slurm {key} is set by ehibench; leave it out")
        options[key] = value
    limit = options.pop("time", "")
    match = re.fullmatch(r"(\d+)([mhd]?)", limit)
    if match is None or not int(match[1]):
        raise InputError(
            f"--slurm needs time=4h, time=90m or time=2d, the time limit of a job, not {limit!r}"
        )
    exclusive = options.pop("exclusive", "yes")
    if exclusive not in ("yes", "no"):
        raise InputError(f"--slurm exclusive is yes or no, not {exclusive!r}")
    return SlurmRequest(int(match[1]) * MINUTES[match[2]], options, exclusive == "yes")


@dataclass(frozen=True)
class SlurmExecutor:
    """Submits jobs, which run whether or not this process is alive.

    `scratch` is the private folder of the jobs, which must be on a file system that all nodes
    share. `name` is the name of the jobs in Slurm, which belongs to one run folder.
    """

    scratch: Path
    name: str
    request: SlurmRequest
    say: Callable[[str], None]  # prints a line

    def wait_for_earlier(self) -> None:
        """Wait for the jobs of an earlier command that has died. Raise InputError without Slurm."""
        if shutil.which("sbatch") is None:
            raise InputError(
                "--executor slurm: there is no sbatch here; run this on a host from which Slurm "
                "jobs are submitted"
            )
        if left := self._queued(before=1):
            self.say(
                f"jobs of an earlier command are in the queue; waiting until they end (scancel "
                f"--name={self.name} ends them)"
            )
            self._wait(left, lambda left: None)

    def run(
        self, stages: Sequence[Stage], do: Callable[[Part], None], progress: ProgressBar
    ) -> None:
        """Submit every stage at once, and wait until no job is left in the queue."""
        private_folder(self.scratch)
        before: str | None = None
        for stage in stages:
            before = self._submit(stage, do, before)
        total = sum(len(stage.parts) for stage in stages)
        self.say(f"submitted {total} Slurm jobs as {self.name}; their logs are in {self.scratch}")
        done = 0
        with progress("Waiting for Slurm jobs", total) as advance:

            def show(left: int) -> None:
                nonlocal done
                ended = max(total - left - done, 0)
                advance(ended)
                done += ended

            self._wait(total, show)
        remove_pickles(self.scratch)

    def _submit(self, stage: Stage, do: Callable[[Part], None], before: str | None) -> str:
        """Submit the jobs of a stage, to start when the job `before` has ended; return their id.

        They start even if an earlier one failed, because other cells may not depend on it.
        """
        from submitit import SlurmExecutor as Submitit
        from submitit.core.utils import FailedJobError, FailedSubmissionError

        executor = Submitit(self.scratch, max_num_timeout=MAX_TIMEOUTS)
        executor.update_parameters(
            job_name=self.name,
            time=self.request.minutes,
            additional_parameters={"requeue": True, **self.request.options},
            srun_args=["--cpu-bind=none"],  # or the job might be bound to a single core
            **({} if before is None else {"dependency": f"afterany:{before}"}),
            **({"exclusive": True} if stage.step == "time" and self.request.whole_node else {}),
        )
        try:
            jobs = executor.map_array(do, stage.parts)
        except (FailedJobError, FailedSubmissionError) as error:
            if before is not None:
                subprocess.run(["scancel", f"--name={self.name}"], check=False)
            raise InputError(f"sbatch refused a job: {' '.join(str(error).split())}") from None
        return str(jobs[0].job_id).partition("_")[0]

    def _wait(self, left: int, show: Callable[[int], None]) -> None:
        seconds, longest = POLL_SECONDS
        while left := self._queued(before=left):
            show(left)
            time.sleep(seconds)
            seconds = min(2 * seconds, longest)
        show(0)

    def _queued(self, before: int) -> int:
        """Return how many jobs wait or run; as many as `before` if the controller is silent."""
        command = ["squeue", "--me", "--array", "--noheader", f"--name={self.name}", "--format=%i"]
        answer = subprocess.run(command, capture_output=True, text=True)
        return len(answer.stdout.split()) if answer.returncode == 0 else before
