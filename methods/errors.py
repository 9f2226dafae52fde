"""The ways in which a user, and not the code, has to act."""

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """The input is wrong; the message is one line that says what to do."""


class DiskFullError(InputError):
    """The disk is full; nothing that was there is lost."""


class UnavailableError(ImportError):
    """An optional library is missing; the message is the pip line that mends it."""


def unknown(kind: str, name: str, known: Iterable[str]) -> InputError:
    """Say that `name` is no `kind`, with the nearest name or, failing that, all of them."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}"
    return InputError(f"unknown {kind} {name!r}; {hint}")
