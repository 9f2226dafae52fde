"""Files that are there whole or not at all: written beside their place, synced, then renamed."""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from methods.errors import DiskFullError, InputError

CHECKSUMS = "checksums.json"
DRAFT = ".draft-"
FULL = {errno.ENOSPC, errno.EDQUOT}
LITTLE = 1 << 20
"""Bytes: a disk with less is full, whatever a library says of the write that failed."""


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def new_folder(place: Path) -> Iterator[Path]:
    """Yield an empty folder that becomes `place` when the block ends well, with checksums.

    What stands at `place` is replaced. A killed process leaves at most a `.draft-` beside it.
    Raise DiskFullError where the disk is full.
    """
    draft = place.with_name(f"{DRAFT}{place.name}-{os.getpid()}")
    replaced = draft.with_name(f"{draft.name}-replaced")
    try:
        draft.mkdir(parents=True)
        yield draft
        sums = {str(path.relative_to(draft)): file_sha256(path) for path in _files(draft)}
        write_json(draft / CHECKSUMS, sums)
        for path in draft.rglob("*"):
            _sync(path)
        _sync(draft)
        if place.exists():  # whole until the moment it is replaced, and not half removed
            place.rename(replaced)
        draft.rename(place)
        _sync(place.parent)
    except Exception as error:
        _refuse_if_full(place, error)
        raise
    finally:
        for remains in (draft, replaced):
            shutil.rmtree(remains, ignore_errors=True)


def first_damaged(place: Path) -> Path | None:
    """Return the first file in `place` that is not as `new_folder` left it, or None.

    A folder without checksums is damaged itself. Raise InputError where a file cannot be read,
    which need not be damage.
    """
    try:
        sums = json.loads((place / CHECKSUMS).read_text(encoding="utf-8"))
        for path, expected in ((place / str(name), sums[name]) for name in sums):
            if not path.is_file() or file_sha256(path) != expected:
                return path
    except (FileNotFoundError, ValueError, TypeError):
        return place / CHECKSUMS
    except OSError as error:
        raise InputError(f"cannot read {error.filename}: {error.strerror}") from None
    return None


@contextmanager
def new_file(place: Path) -> Iterator[Path]:
    """Yield the path of a file that becomes `place` when the block ends well.

    Only one process at a time may write a place. Raise DiskFullError where the disk is full.
    """
    draft = place.with_name(f"{DRAFT}{place.name}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        yield draft
        _sync(draft)
        draft.replace(place)
        _sync(place.parent)
    except Exception as error:
        _refuse_if_full(place, error)
        raise
    finally:
        draft.unlink(missing_ok=True)


def write_json(path: Path, value: object) -> None:
    """Write JSON that any parser reads. Raise ValueError where a number is none."""
    path.write_text(json.dumps(value, indent=1, allow_nan=False), encoding="utf-8")


def remove_drafts(folder: Path) -> None:
    """Remove what processes that were killed left below `folder`."""
    for path in list(folder.rglob(f"{DRAFT}*")):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def folder_bytes(folder: Path) -> int:
    """Return the size of the files below a folder, without the checksums."""
    return sum(path.stat().st_size for path in _files(folder) if path.name != CHECKSUMS)


def _refuse_if_full(place: Path, error: Exception) -> None:
    """Raise DiskFullError if that is why `error` came, while the draft still takes the space.

    Of a full disk a library's own error may be all that is seen.
    """
    full = isinstance(error, OSError) and error.errno in FULL
    folder = next(parent for parent in place.parents if parent.exists())
    if full or shutil.disk_usage(folder).free < LITTLE:
        raise DiskFullError(
            f"no space is left to write {place}; free some and run the same command again: "
            "what is finished is kept"
        ) from error


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _sync(path: Path) -> None:
    """Make what was written to a file, or the names in a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
