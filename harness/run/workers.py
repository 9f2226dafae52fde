"""Run each step in its own process, so that a crash, hang or lack of memory fails only that step.

Workers are forked from a server that has imported the heavy libraries without using them, so that
they start in milliseconds. A worker builds one object, answers one call on it at a time, and dies
with its parent.
"""

import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from harness.run.worker_process import BarAdvanced, BarClosed, BarOpened, LogLine, serve
from harness.store.record import Failure
from methods.base import ProgressBar

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")

LOG = logging.getLogger(__name__)
CONTEXT = multiprocessing.get_context("forkserver")
END_SECONDS = 1.0
PRELOADED = [
    "ehibench_start",  # first, since it makes Python find the packages of ehibench
    "__main__",
    "faiss",
    "sentence_transformers",
    "torch",
    "harness.tasks.add",
    "harness.tasks.build",
    "harness.tasks.search",
    "harness.measure.reference_workload",
    "harness.tasks.train",
    "harness.tasks.tune",
]


class WorkerError(Exception):
    """A worker failed, for the reason in `failure`."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


def start_server() -> None:
    """Start the server, which imports the heavy libraries while the parent does other work."""
    from multiprocessing import forkserver

    CONTEXT.set_forkserver_preload(PRELOADED)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server inherits this
    try:
        with own_search_path():
            forkserver.ensure_running()
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def own_search_path() -> Iterator[None]:
    """Let new processes search for modules where this one does, and not in the working directory.

    In Python 3.11 and 3.12, the server would search the working directory first, and not the path
    of this process.
    """
    path = os.pathsep.join(folder or str(Path.cwd()) for folder in sys.path)
    changed = {"PYTHONPATH": path, "PYTHONSAFEPATH": "1"}
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@dataclass(frozen=True)
class Workers:
    """Starts workers with the same settings."""

    progress: ProgressBar
    timeout: float | None  # seconds that each worker may spend on calls; None: no limit
    debug: bool  # whether workers print tracebacks
    say: Callable[[str], None]  # prints a line

    def start(self, make: Callable[[ProgressBar], S]) -> "Worker[S]":
        """Return a worker that holds what `make` returns. Raise WorkerError if `make` fails."""
        return Worker(make, self.progress, self.timeout, self.debug, self.say)


class Worker(Generic[S]):
    """A process that holds an object and answers calls on it.

    `make` builds the object in the process, given a way to open progress bars, which `progress`
    shows here. `timeout` limits the seconds that all calls together may take. `say` prints the
    lines that are logged in the process.
    """

    def __init__(
        self,
        make: Callable[[ProgressBar], S],
        progress: ProgressBar,
        timeout: float | None,
        debug: bool,
        say: Callable[[str], None] = LOG.info,
    ) -> None:
        self._progress = progress
        self._say = say
        self._timeout = timeout
        self._seconds_left = timeout
        self._busy = False
        self._connection, theirs = CONTEXT.Pipe()
        self._process = CONTEXT.Process(target=serve, args=(theirs, make, debug), daemon=True)
        self._process.start()
        theirs.close()
        try:
            self._reply()
        except BaseException:
            self.close()
            raise

    def ask(self, method: Callable[Concatenate[S, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what `method` of the object returns.

        Raise WorkerError if it raises, if the process dies, or if the time is up.
        """
        try:
            self._connection.send((method, args, kwargs))
        except OSError:
            raise WorkerError(self._death()) from None
        result: R = self._reply()
        return result

    def kill(self) -> None:
        """End the process at once; a thread that waits for its answer gets a WorkerError."""
        self._process.kill()

    def close(self) -> None:
        """End the process, whatever it is doing."""
        if not self._busy:
            with suppress(OSError):  # the process is dead already
                self._connection.send(None)
                self._process.join(END_SECONDS)
        self._connection.close()
        self._process.kill()
        self._process.join()

    def __enter__(self) -> "Worker[S]":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _reply(self) -> Any:
        bars: dict[int, Any] = {}
        started = time.monotonic()
        self._busy = True
        try:
            while True:
                message = self._receive(started)
                if isinstance(message, Failure):
                    raise WorkerError(message)
                if isinstance(message, BarOpened):
                    bar = self._progress(message.description, message.total)
                    bars[message.bar] = bar, bar.__enter__()
                elif isinstance(message, BarAdvanced):
                    bars[message.bar][1](message.steps)
                elif isinstance(message, BarClosed):
                    bars.pop(message.bar)[0].__exit__(None, None, None)
                elif isinstance(message, LogLine):
                    self._say(message.text)
                else:
                    (result,) = message
                    self._busy = False
                    return result
        except BaseException as error:
            for bar, _ in bars.values():
                with suppress(type(error)):
                    bar.__exit__(type(error), error, error.__traceback__)
            raise
        finally:
            if self._seconds_left is not None:
                self._seconds_left -= time.monotonic() - started

    def _receive(self, started: float) -> Any:
        if self._seconds_left is not None:
            remaining = started + self._seconds_left - time.monotonic()
            if not self._connection.poll(max(0.0, remaining)):
                self._process.kill()
                raise WorkerError(
                    Failure("TimeoutError", f"took longer than {self._timeout:g} s (--timeout)")
                )
        try:
            return self._connection.recv()
        except (EOFError, OSError):
            raise WorkerError(self._death()) from None

    def _death(self) -> Failure:
        self._process.join(10)
        code = self._process.exitcode
        if code is not None and code < 0:
            name = signal.Signals(-code).name
            hint = ": most likely out of memory" if name == "SIGKILL" else ""
            return Failure(name, f"its process was killed by {name}{hint}")
        return Failure("SystemExit", f"its process exited with code {code}")
