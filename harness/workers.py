"""Processes of their own: what crashes, hangs or runs out of memory there ends nothing else.

They are forked from a server that has imported the heavy libraries and used none of them, so
that one starts in milliseconds. Each keeps an object made at its start, does one call on it at
a time, and dies with the process that asked.
"""

import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from methods.base import Advance, ProgressBar
from methods.errors import DiskFullError, InputError, UnavailableError

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")

CONTEXT = multiprocessing.get_context("forkserver")
END_SECONDS = 1.0
PRELOADED = [
    "__main__",
    "harness.measuring",
    "harness.training",
    "harness.building",
    "faiss",
    "torch",
]
PRELOADED += ["sentence_transformers", "harness.reference_workload"]


@dataclass(frozen=True)
class Failure:
    """Why a worker could not do what it was asked: the exception's name, and a line."""

    error: str
    reason: str


class WorkerError(Exception):
    """A worker failed."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


@dataclass(frozen=True)
class _Opened:
    bar: int
    description: str
    total: int


@dataclass(frozen=True)
class _Advanced:
    bar: int
    steps: int


@dataclass(frozen=True)
class _Closed:
    bar: int


def start_server() -> None:
    """Start to import the heavy libraries, so that they are there when a worker is wanted."""
    from multiprocessing import forkserver

    CONTEXT.set_forkserver_preload(PRELOADED)
    forkserver.ensure_running()


class Worker(Generic[S]):
    """A process that holds what `make` returns there.

    `timeout` limits the seconds it may be at work in all, and `progress` shows the bars that
    `make`, which is given a way to open some, opens in the process.
    """

    def __init__(
        self,
        make: Callable[[ProgressBar], S],
        progress: ProgressBar,
        timeout: float | None,
        debug: bool,
    ) -> None:
        self._progress = progress
        self._timeout = timeout
        self._left = timeout
        self._connection, theirs = CONTEXT.Pipe()
        self._process = CONTEXT.Process(target=_serve, args=(theirs, make, debug), daemon=True)
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
        try:
            while True:
                message = self._receive(started)
                if isinstance(message, Failure):
                    raise WorkerError(message)
                if isinstance(message, _Opened):
                    bar = self._progress(message.description, message.total)
                    bars[message.bar] = bar, bar.__enter__()
                elif isinstance(message, _Advanced):
                    bars[message.bar][1](message.steps)
                elif isinstance(message, _Closed):
                    bars.pop(message.bar)[0].__exit__(None, None, None)
                else:
                    (result,) = message
                    return result
        finally:
            for bar, _ in bars.values():
                bar.__exit__(None, None, None)
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


def _serve(connection: Connection, make: Callable[[ProgressBar], Any], debug: bool) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    threading.Thread(target=_die_with_parent, daemon=True).start()
    try:
        held = make(_remote_progress(connection))
        connection.send((None,))
        while (call := connection.recv()) is not None:
            method, args, kwargs = call
            connection.send((method(held, *args, **kwargs),))
    except EOFError:
        return
    except Exception as error:
        if debug:
            traceback.print_exc()
        connection.send(_failure(error))


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None, "a worker is started by a process"
    parent.join()
    os._exit(1)


def _failure(error: Exception) -> Failure:
    reason = " ".join(str(error).split()) or type(error).__name__
    kinds = (DiskFullError, UnavailableError, InputError)
    told = next((kind.__name__ for kind in kinds if isinstance(error, kind)), None)
    if told is None:
        place = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"{reason} ({place.name} in {place.filename}, line {place.lineno})"
    return Failure(told or type(error).__name__, reason)


def _remote_progress(connection: Connection) -> ProgressBar:
    opened = 0

    @contextmanager
    def open_bar(description: str, total: int) -> Iterator[Advance]:
        nonlocal opened
        opened += 1
        bar = opened

        def advance(steps: int = 1) -> None:
            connection.send(_Advanced(bar, steps))

        connection.send(_Opened(bar, description, total))
        yield advance
        connection.send(_Closed(bar))

    return open_bar
