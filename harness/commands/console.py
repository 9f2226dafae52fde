"""The consoles that commands print to."""

import sys

from rich.console import Console

WIDTH_WITHOUT_TERMINAL = 140


def output_console() -> Console:
    """Return standard output; without a terminal it is as wide as tables need."""
    return Console() if sys.stdout.isatty() else Console(width=WIDTH_WITHOUT_TERMINAL)


def log_console() -> Console:
    """Return standard error."""
    return Console(stderr=True)


def print_line(console: Console, line: str) -> None:
    """Print the text as it is: neither wrapped nor highlighted, and without markup."""
    console.print(line, soft_wrap=True, highlight=False, markup=False)
