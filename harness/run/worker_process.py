"""What runs in a worker: calls on the object it keeps, one at a time, and what it tells of them.

The other side is harness/run/workers.py.
"""

import logging
import multiprocessing
import os
import signal
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
    """A bar is opened."""

    bar: int
    description: str
    total: int


@dataclass(frozen=True)
class BarAdvanced:
    """A bar moves."""

    bar: int
    steps: int


@dataclass(frozen=True)
class BarClosed:
    """A bar is closed."""

    bar: int


@dataclass(frozen=True)
class LogLine:
    """A line that a method logged."""

    line: str


class _ToParent(logging.Handler):
    """Sends what is logged to the process that asks."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection

    def emit(self, record: logging.LogRecord) -> None:
        self._connection.send(LogLine(record.getMessage()))


def serve(connection: Connection, make: Callable[[ProgressBar], Any], debug: bool) -> None:
    """Make the object and answer calls on it until None comes or one fails.

    A result is sent as a tuple of one, a failure as a Failure; bars and what the methods log
    may come before either.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    threading.Thread(target=_die_with_parent, daemon=True).start()
    methods = logging.getLogger("methods")
    methods.setLevel(logging.INFO)
    methods.addHandler(_ToParent(connection))
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
            connection.send(BarAdvanced(bar, steps))

        connection.send(BarOpened(bar, description, total))
        yield advance
        connection.send(BarClosed(bar))

    return open_bar
