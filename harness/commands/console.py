"""The consoles that commands print to, and the progress bars on them."""

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

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
    """Yield a function that opens a bar, and show the bars until the block ends."""
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
