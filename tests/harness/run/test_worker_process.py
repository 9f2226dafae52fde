"""What a worker sends to its parent, message by message."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from harness.run.worker_process import BarAdvanced, BarClosed, BarOpened, LogLine, serve
from harness.run.workers import CONTEXT
from harness.store.record import Failure
from methods.base import ProgressBar
from methods.errors import DiskFullError


class Greeter:
    """An object that a worker holds."""

    def __init__(self, greeting: str, progress: ProgressBar) -> None:
        if not greeting:
            raise DiskFullError("no space is left")
        self.greeting = greeting
        self.progress = progress

    def greet(self, name: str) -> str:
        return f"{self.greeting}, {name}"

    def greet_slowly(self, name: str) -> str:
        with self.progress("Greeting", 3) as advance:
            advance()
            advance(2)
        logging.getLogger("methods.greeter").info("greeted %s", name)
        return self.greet(name)

    def shout(self) -> None:
        os.write(1, b"from C++ to the output\n")
        os.write(2, b"from C++ to the error output\n")
        print("from Python", file=sys.stderr, flush=True)

    def fail(self) -> None:
        raise KeyError("no such name")


Start = Callable[[str], Connection]


@pytest.fixture
def start() -> Iterator[Start]:
    """Returns a function that starts a worker and returns the parent's end of its pipe."""
    processes = []

    def start(greeting: str) -> Connection:
        connection, theirs = CONTEXT.Pipe()
        make = partial(Greeter, greeting)
        processes.append(CONTEXT.Process(target=serve, args=(theirs, make, False), daemon=True))
        processes[-1].start()
        theirs.close()
        return connection

    yield start
    for process in processes:
        process.kill()
        process.join()


def ask(worker: Connection, method: Callable[..., Any], *args: Any) -> list[Any]:
    """Return the messages up to the result or failure of a call."""
    worker.send((method, args, {}))
    messages = [worker.recv()]
    while not isinstance(messages[-1], tuple | Failure):
        messages.append(worker.recv())
    return messages


def test_results_are_tuples_of_one_and_none_ends_the_worker(start: Start):
    worker = start("Hello")
    assert worker.recv() == (None,)  # the object is ready
    assert ask(worker, Greeter.greet, "Ada") == [("Hello, Ada",)]
    assert ask(worker, Greeter.greet, "Bob") == [("Hello, Bob",)]
    worker.send(None)
    with pytest.raises(EOFError):
        worker.recv()


def test_progress_and_log_lines_come_before_the_result(start: Start):
    worker = start("Hello")
    worker.recv()
    assert ask(worker, Greeter.greet_slowly, "Ada") == [
        BarOpened(1, "Greeting", 3),
        BarAdvanced(1, 1),
        BarAdvanced(1, 2),
        BarClosed(1),
        LogLine("greeted Ada"),
        ("Hello, Ada",),
    ]
    assert ask(worker, Greeter.greet_slowly, "Bob")[0] == BarOpened(2, "Greeting", 3)


def test_a_failure_names_its_line_and_ends_the_worker(start: Start):
    worker = start("Hello")
    worker.recv()
    (failure,) = ask(worker, Greeter.fail)
    assert failure.error == "KeyError"
    assert failure.reason.startswith("'no such name' (fail in ") and __file__ in failure.reason
    with pytest.raises(EOFError):
        worker.recv()


def test_an_error_that_the_user_can_fix_is_its_message_alone(start: Start):
    assert start("").recv() == Failure("DiskFullError", "no space is left")


@pytest.mark.parametrize("debug", [False, True])
def test_what_libraries_in_cpp_print_is_only_shown_for_debugging(debug: bool):
    program = (
        "from functools import partial\n"
        "from harness.run.workers import Worker\n"
        "from methods.base import no_progress\n"
        "from tests.harness.run.test_worker_process import Greeter\n"
        f"worker = Worker(partial(Greeter, 'Hello'), no_progress, None, {debug})\n"
        "worker.ask(Greeter.shout)\n"
        "assert worker.ask(Greeter.greet, 'Ada') == 'Hello, Ada'\n"
        "worker.close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stderr
    assert "from Python" in done.stderr
    assert ("from C++" in done.stderr) == ("from C++" in done.stdout) == debug
