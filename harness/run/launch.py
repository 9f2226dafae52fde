"""Let a launcher, such as `accelerate launch`, train one encoder on the hosts that it knows."""

import os
import secrets
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from harness.run.launched import read_failure
from harness.run.workers import WorkerError, Workers, own_search_path
from harness.store.record import Failure
from harness.tasks.job_file import write_job
from harness.tasks.train import JobInputs
from methods.errors import InputError

MODULE = "harness.run.launched"
LOG_NAME = "launch.log"
END_SECONDS = 10.0


@dataclass(frozen=True)
class Launcher:
    """Trains by a command that starts processes on one host or more, which share their files.

    `command` is given `-m harness.run.launched JOBFILE`, and starts that as often as it likes.
    `scratch` keeps what the processes print to standard error. `dataset` is that of `--dataset`.
    """

    command: Sequence[str]
    dataset: str
    scratch: Path

    def train(self, inputs: JobInputs, workers: Workers) -> None:
        """Train and embed, and wait until all processes have ended.

        Lines that they print are said, such as those that training logs. Raise WorkerError if one
        of them fails, or if the command does.
        """
        name = self.command[0]
        with self._job(inputs) as job, (self.scratch / LOG_NAME).open("wb") as log:
            try:
                with (
                    workers.progress(f"Training by {name}", 1),
                    _started([*self.command, "-m", MODULE, str(job)], log.fileno()) as process,
                ):
                    assert process.stdout is not None, "it is a pipe"
                    said = threading.Thread(target=_say, args=(process.stdout, workers.say))
                    said.start()
                    code = process.wait(workers.timeout)
                    said.join()
            except OSError as error:
                reason = f"--launcher {name}: {error.strerror}"
                raise WorkerError(Failure(InputError.__name__, reason)) from None
            except subprocess.TimeoutExpired:
                reason = f"took longer than {workers.timeout:g} s (--timeout)"
                raise WorkerError(Failure(TimeoutError.__name__, reason)) from None
            if (failure := read_failure(job)) is not None:
                raise WorkerError(failure)
            if code:
                reason = f"--launcher {name} exited with code {code}; see {log.name}"
                raise WorkerError(Failure(InputError.__name__, reason))

    @contextmanager
    def _job(self, inputs: JobInputs) -> Iterator[Path]:
        """Yield a file with the job, in a folder that is removed with it."""
        folder = self.scratch.resolve() / secrets.token_hex(8)
        folder.mkdir(parents=True)
        try:
            job = folder / "job.json"
            write_job(job, inputs, self.dataset)
            yield job
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _started(command: Sequence[str], log: int) -> Iterator["subprocess.Popen[str]"]:
    """Start a command, and end all that it has started on this host when the block ends."""
    with own_search_path():
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
        )
    with process:
        try:
            yield process
        finally:
            for how in (signal.SIGTERM, signal.SIGKILL):  # first so that it can end other hosts'
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, how)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(END_SECONDS)


def _say(lines: Iterable[str], say: Callable[[str], None]) -> None:
    for line in lines:
        say(line.rstrip())
