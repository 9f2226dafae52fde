"""Paths as a user writes them."""

from pathlib import Path

from methods.errors import InputError


def user_path(text: str) -> Path:
    """Return the path, with the home folder for a leading "~".

    A shell does so only at the start of a word, not in `name=~/folder`. Raise InputError if there
    is no such home folder.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise InputError(f"{text}: there is no home folder of this name") from None
