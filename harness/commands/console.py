"""The consoles that commands print to, and progress on them: bars, or lines in a log."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from methods.base import Advance, ProgressBar

WIDTH_WITHOUT_TERMINAL = 140
MIN_SECONDS_SHOWN = 1.0
"""The bar of a shorter step disappears when the step ends."""
SECONDS_BETWEEN_LINES = 30.0
"""Without a terminal, a line says how far it is no more often than this."""


class OutputConsole(Console):
    """A console that lets the command line choose the exit code if whoever reads it has gone."""

    def on_broken_pipe(self) -> None:
        """Raise the BrokenPipeError that is being handled, where rich would exit with 1."""
        raise


def output_console() -> Console:
    """Return standard output; without a terminal it is as wide as tables need."""
    return OutputConsole(width=None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL)


def log_console() -> Console:
    """Return standard error."""
    return OutputConsole(stderr=True)


def print_line(console: Console, line: str) -> None:
    """Print the text as it is: neither wrapped nor highlighted, and without markup."""
    console.print(line, soft_wrap=True, highlight=False, markup=False)


@contextmanager
def progress_bars(console: Console) -> Iterator[ProgressBar]:
    """Yield a function that opens a bar, and show the bars until the block ends.

    Where bars cannot move, in a log file for example, a line now and then says how far it is.
    """
    if not console.is_interactive:
        with _progress_lines(console) as open_line:
            yield open_line
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:

        def open_bar(description: str, total: int) -> AbstractContextManager[Advance]:
            return _bar(progress, description, total)

        yield open_bar


@contextmanager
def _bar(progress: Progress, description: str, total: int) -> Iterator[Advance]:
    task = progress.add_task(description, total=total)
    started = time.monotonic()

    def advance(steps: int = 1) -> None:
        progress.advance(task, steps)

    yield advance  # if the step fails, its bar stays where it was
    if time.monotonic() - started < MIN_SECONDS_SHOWN:
        progress.remove_task(task)
    else:
        progress.update(task, completed=total)


@dataclass
class _Step:
    """A step that is running, and how far it is."""

    description: str
    total: int
    started: float = field(default_factory=time.monotonic)
    done: int = 0
    first_advance: tuple[float, int] | None = None
    """When it was, and how much was done then: a resumed training begins with all of its past."""

    def advance(self, steps: int = 1) -> None:
        self.done += steps
        if self.first_advance is None:
            self.first_advance = time.monotonic(), self.done

    def __str__(self) -> str:
        now = time.monotonic()
        if self.total == 1 or self.first_advance is None:
            return f"{self.description}: {duration(now - self.started)} so far"
        line = f"{self.description}: {self.done:,} of {self.total:,}"
        since, before = self.first_advance
        if self.done == before:
            return line
        left = (now - since) * max(0, self.total - self.done) / (self.done - before)
        return f"{line}, about {duration(left)} left"


def duration(seconds: float) -> str:
    """Return a time in words: seconds, minutes, or hours and minutes."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


@contextmanager
def _progress_lines(console: Console) -> Iterator[ProgressBar]:
    """Yield a function that opens a step; a thread prints the steps that are open."""
    running: dict[int, _Step] = {}  # the outermost first
    ended = threading.Event()

    @contextmanager
    def open_line(description: str, total: int) -> Iterator[Advance]:
        step = _Step(description, total)
        running[id(step)] = step
        try:
            yield step.advance
        finally:
            del running[id(step)]

    def print_lines() -> None:
        while not ended.wait(SECONDS_BETWEEN_LINES):
            if line := "; ".join(map(str, list(running.values()))):
                with suppress(OSError):  # nobody reads the log any more
                    print_line(console, line)

    printer = threading.Thread(target=print_lines, daemon=True)
    printer.start()
    try:
        yield open_line
    finally:
        ended.set()
        printer.join()
