"""Errors that the user can fix."""

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """The input is wrong; the message is one line that says what to do."""


class DiskFullError(InputError):
    """The disk is full; files that were complete before are untouched."""


class UnavailableError(ImportError):
    """An optional library is missing; the message says how to install it."""


def unknown(kind: str, name: str, known: Iterable[str]) -> InputError:
    """Return the error for an unknown name; it suggests the nearest one or else lists them all."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}"
    return InputError(f"unknown {kind} {name!r}; {hint}")


def missing_library(needed_by: str, library: str, install: str) -> str:
    """Return the message for a missing library, with the command that installs it."""
    return f"{needed_by} needs {library}, which is not installed. Run: {install}"
