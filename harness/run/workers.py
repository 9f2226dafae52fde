"""Processes of their own: what crashes, hangs or runs out of memory there ends nothing else.

They are forked from a server that has imported the heavy libraries and used none of them, so
that one starts in milliseconds. Each keeps an object made at its start, does one call on it at
a time, and dies with the process that asked.
"""

import logging
import multiprocessing
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
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
    "__main__",
    "faiss",
    "sentence_transformers",
    "torch",
    "harness.tasks.build",
    "harness.tasks.search",
    "harness.measure.reference_workload",
    "harness.tasks.train",
    "harness.tasks.tune",
]


class WorkerError(Exception):
    """A worker failed."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


def start_server() -> None:
    """Start to import the heavy libraries, so that they are there when a worker is wanted."""
    from multiprocessing import forkserver

    CONTEXT.set_forkserver_preload(PRELOADED)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # it inherits that while it imports
    try:
        forkserver.ensure_running()
    finally:
        signal.signal(signal.SIGINT, before)


@dataclass(frozen=True)
class Workers:
    """Starts workers that tell of themselves in one place and have the same time to be at work."""

    progress: ProgressBar
    timeout: float | None
    debug: bool
    say: Callable[[str], None]

    def start(self, make: Callable[[ProgressBar], S]) -> "Worker[S]":
        """Return a worker that holds what `make` returns. Raise WorkerError where it raises."""
        return Worker(make, self.progress, self.timeout, self.debug, self.say)


class Worker(Generic[S]):
    """A process that holds what `make` returns there.

    `timeout` limits the seconds it may be at work in all, and `progress` shows the bars that
    `make`, which is given a way to open some, opens in the process. `say` is given the lines
    that are logged there.
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
        self._left = timeout
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
        """Return what `method` of the object there returns.

        Raise WorkerError where it raises, where the process dies and where the time is over.
        """
        try:
            self._connection.send((method, args, kwargs))
        except OSError:
            raise WorkerError(self._death()) from None
        result: R = self._reply()
        return result

    def close(self) -> None:
        """End the process, whatever it does."""
        if not self._busy:
            with suppress(OSError):  # it is dead already
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
                    self._say(message.line)
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
            if self._left is not None:
                self._left -= time.monotonic() - started

    def _receive(self, started: float) -> Any:
        if self._left is not None:
            left = max(0.0, started + self._left - time.monotonic())
            if not self._connection.poll(left):
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
            return Failure(name, f"its process was ended by {name}{hint}")
        return Failure("SystemExit", f"its process ended with exit code {code}")
