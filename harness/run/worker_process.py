"""The worker's side: build one object and call its methods, one at a time, for the parent.

Results, progress and log lines are sent to the parent, whose side is harness/run/workers.py.
"""

import logging
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from harness.store.record import Failure
from methods.base import Advance, ProgressBar
from methods.errors import DiskFullError, InputError, UnavailableError


@dataclass(frozen=True)
class BarOpened:
    """A progress bar was opened."""

    bar: int
    description: str
    total: int


@dataclass(frozen=True)
class BarAdvanced:
    """A progress bar advanced."""

    bar: int
    steps: int


@dataclass(frozen=True)
class BarClosed:
    """A progress bar was closed."""

    bar: int


@dataclass(frozen=True)
class LogLine:
    """A line that was logged in the worker."""

    text: str


class _ParentHandler(logging.Handler):
    """Sends log lines to the parent."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection

    def emit(self, record: logging.LogRecord) -> None:
        self._connection.send(LogLine(record.getMessage()))


def serve(connection: Connection, make: Callable[[ProgressBar], Any], debug: bool) -> None:
    """Make the object and answer calls on it until the parent sends None or a call fails.

    A result is sent as a tuple with one item, a failure as a Failure. The messages of progress
    bars and log lines may precede either.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C
    if not debug:
        _silence_libraries()
    threading.Thread(target=_die_with_parent, daemon=True).start()
    logger = logging.getLogger("methods")
    logger.setLevel(logging.INFO)
    logger.addHandler(_ParentHandler(connection))
    try:
        served = make(_remote_progress(connection))
        connection.send((None,))
        while (call := connection.recv()) is not None:
            method, args, kwargs = call
            connection.send((method(served, *args, **kwargs),))
    except EOFError:
        return
    except Exception as error:
        if debug:
            traceback.print_exc()
        connection.send(failure_of(error))


def _silence_libraries() -> None:
    """Discard what libraries in C++ print, such as Faiss's warnings; Python's own output stays."""
    null = os.open(os.devnull, os.O_WRONLY)
    for name, number in (("stdout", 1), ("stderr", 2)):
        stream = os.fdopen(os.dup(number), "w", buffering=1, errors="backslashreplace")
        setattr(sys, name, stream)
        os.dup2(null, number)
    os.close(null)


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None, "a worker always has a parent"
    parent.join()
    os._exit(1)


def failure_of(error: Exception) -> Failure:
    """Return an error's name and one line about it, with the place unless the user can fix it."""
    reason = " ".join(str(error).split()) or type(error).__name__
    for kind in (DiskFullError, UnavailableError, InputError):
        if isinstance(error, kind):
            return Failure(kind.__name__, reason)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{frame.name} in {frame.filename}, line {frame.lineno}"
    return Failure(type(error).__name__, f"{reason} ({where})")


def _remote_progress(connection: Connection) -> ProgressBar:
    count = 0

    @contextmanager
    def open_bar(description: str, total: int) -> Iterator[Advance]:
        nonlocal count
        count += 1
        bar = count

        def advance(steps: int = 1) -> None:
            connection.send(BarAdvanced(bar, steps))

        connection.send(BarOpened(bar, description, total))
        yield advance
        connection.send(BarClosed(bar))

    return open_bar
