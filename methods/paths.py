"""Paths as a user writes them."""

from pathlib import Path

from methods.errors import InputError


def user_path(text: str) -> Path:
    """Return the path, with a leading "~" expanded to the home folder.

    A shell expands it only at the start of a word, not in `name=~/folder`. Raise InputError for a
    user who has no home folder.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise InputError(f"{text}: no such user, or the user has no home folder") from None
