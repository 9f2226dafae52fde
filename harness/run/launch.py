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

    `-m harness.run.launched JOBFILE` is appended to `command`, which runs it in each process.
    `scratch` keeps what the processes print to standard error. `dataset` is that of `--dataset`.
    """

    command: Sequence[str]
    dataset: str
    scratch: Path

    def train(self, inputs: JobInputs, workers: Workers) -> None:
        """Train and embed, and wait until all processes have ended.

        The lines that they print, such as the log of the training, are passed to `workers.say`.
        Raise WorkerError if a process or the command fails.
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
    """Start a command. When the block ends, end all processes that it started on this host."""
    with own_search_path():
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
        )
    with process:
        try:
            yield process
        finally:
            # SIGTERM comes first, so that the command can end its processes on other hosts.
            for how in (signal.SIGTERM, signal.SIGKILL):
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, how)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(END_SECONDS)


def _say(lines: Iterable[str], say: Callable[[str], None]) -> None:
    for line in lines:
        say(line.rstrip())
