"""Run one call in a group of processes at once, which exchange results among themselves."""

import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import replace
from typing import TypeVar

from harness.run.workers import Workers
from methods.base import ProgressBar, no_progress
from methods.ranks import Rank

S = TypeVar("S")


def ranks(count: int) -> list[Rank]:
    """Return the ranks of a group of processes on this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return [Rank(index, count, port) for index in range(count)]


def run_in_group(
    workers: Workers, makes: Sequence[Callable[[ProgressBar], S]], run: Callable[[S], None]
) -> None:
    """Start a worker for each of `makes`, and let all of them do `run` at once.

    Only the first shows its progress. If one fails, the others are killed, because they would wait
    for it. Raise its WorkerError.
    """
    silent = replace(workers, progress=no_progress, say=lambda line: None)
    with ExitStack() as running:
        group = [
            running.enter_context((silent if index else workers).start(make))
            for index, make in enumerate(makes)
        ]
        with ThreadPoolExecutor(len(group)) as threads:
            asked = [threads.submit(worker.ask, run) for worker in group]
            try:
                for answer in as_completed(asked):
                    answer.result()
            except BaseException:
                for worker in group:
                    worker.kill()
                raise
