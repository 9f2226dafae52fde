"""A worker that fails, crashes, hangs or runs out of memory becomes a Failure of one line."""

import logging
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import psutil
import pytest

from harness.run.workers import Worker, WorkerError, start_server
from methods.base import Advance, ProgressBar, no_progress
from methods.errors import InputError

ROOT = Path(__file__).parents[3]


class Counter:
    """An object that a worker holds."""

    def __init__(self, start: int, progress: ProgressBar) -> None:
        if start < 0:
            raise InputError("start is below 0; choose 0 or more")
        self.count = start
        self.progress = progress

    def add(self, number: int) -> int:
        self.count += number
        return self.count

    def process(self) -> tuple[int, int]:
        return os.getpid(), psutil.Process().num_threads()

    def refuse(self) -> None:
        raise InputError("that is\nrefused")

    def fail(self) -> None:
        raise KeyError("no such key")

    def crash(self) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)

    def be_killed(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def leave(self) -> None:
        os._exit(3)

    def hang(self) -> None:
        time.sleep(60)

    def devour(self) -> None:
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        np.ones(1 << 33)

    def work(self) -> str:
        with self.progress("Working", 3) as advance:
            advance()
            advance(2)
        logging.getLogger("methods.somewhere").info("worked %d times", 3)
        return "done"


@pytest.fixture(scope="module", autouse=True)
def server() -> None:
    start_server()


def counter(
    start: int = 0, progress: ProgressBar = no_progress, timeout: float | None = None
) -> Worker[Counter]:
    return Worker(partial(Counter, start), progress, timeout, debug=False)


def test_a_worker_keeps_its_object_in_another_process():
    with counter(start=5) as worker:
        assert worker.ask(Counter.add, 2) == 7
        assert worker.ask(Counter.add, 2) == 9
        process, threads = worker.ask(Counter.process)
        assert process != os.getpid()
        assert threads == 2  # the main one, and the one that waits for this process to end
    assert not psutil.pid_exists(process)


@pytest.mark.parametrize(
    ("method", "error", "reason"),
    [
        (Counter.refuse, "InputError", "that is refused"),
        (Counter.fail, "KeyError", "no such key' (fail in "),
        (Counter.crash, "SIGSEGV", "killed by SIGSEGV"),
        (Counter.be_killed, "SIGKILL", "killed by SIGKILL: most likely out of memory"),
        (Counter.leave, "SystemExit", "exited with code 3"),
        (Counter.devour, "MemoryError", "Unable to allocate 64"),
        (Counter.hang, "TimeoutError", "took longer than 5 s (--timeout)"),
    ],
)
def test_a_failure_has_the_name_of_its_error_and_a_reason_of_one_line(
    method: Callable[[Counter], None], error: str, reason: str
):
    with counter(timeout=5) as worker, pytest.raises(WorkerError) as raised:
        worker.ask(method)
    failure = raised.value.failure
    assert failure.error.lstrip("_").removeprefix("Array") == error
    assert reason in failure.reason and "\n" not in failure.reason


def test_an_object_that_cannot_be_made_is_a_failure():
    with pytest.raises(WorkerError, match="start is below 0"):
        counter(start=-1)


def test_the_timeout_covers_all_calls_together_but_no_waiting():
    with counter(timeout=3) as worker:
        time.sleep(3)
        assert worker.ask(Counter.add, 1) == 1
        with pytest.raises(WorkerError, match="took longer"):
            worker.ask(Counter.hang)


def test_progress_bars_of_a_worker_are_shown_by_its_parent():
    shown: list[str] = []

    @contextmanager
    def bar(description: str, total: int) -> Iterator[Advance]:
        shown.append(f"{description} {total}")
        yield lambda steps=1: shown.append(f"+{steps}")
        shown.append("closed")

    with counter(progress=bar) as worker:
        assert worker.ask(Counter.work) == "done"
    assert shown == ["Working 3", "+1", "+2", "closed"]


def test_log_lines_of_a_worker_are_printed_by_its_parent():
    lines: list[str] = []
    with Worker(partial(Counter, 0), no_progress, None, False, lines.append) as worker:
        worker.ask(Counter.work)
    assert lines == ["worked 3 times"]


def test_a_worker_dies_with_its_parent():
    program = (
        "from functools import partial\n"
        "from harness.run.workers import Worker\n"
        "from methods.base import no_progress\n"
        "from tests.harness.run.test_workers import Counter\n"
        "if __name__ == '__main__':\n"
        "    worker = Worker(partial(Counter, 0), no_progress, None, False)\n"
        "    print(worker.ask(Counter.process)[0], flush=True)\n"
        "    worker.ask(Counter.hang)\n"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = psutil.Process(int(parent.stdout.readline()))
        assert worker.is_running()
        parent.kill()
    worker.wait(timeout=5)
