"""Atomic writes of files and folders: write a draft next to the target, sync it, rename it."""

import errno
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from methods.errors import DiskFullError, InputError

CHECKSUMS = "checksums.json"
DRAFT = ".draft-"
DISK_FULL_ERRORS = {errno.ENOSPC, errno.EDQUOT}
MIN_FREE_BYTES = 1 << 20
"""With less than this free, a failed write is put down to a full disk, whatever the error says."""


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty folder that becomes `folder`, with checksums, if the block succeeds.

    An existing `folder` is replaced. A killed process leaves at most a `.draft-` next to it.
    Raise DiskFullError if the disk is full.
    """
    # Random, because processes of several hosts may have the same id.
    draft = folder.with_name(f"{DRAFT}{folder.name}-{secrets.token_hex(8)}")
    replaced = draft.with_name(f"{draft.name}-replaced")
    try:
        draft.mkdir(parents=True)
        yield draft
        sums = {str(path.relative_to(draft)): file_sha256(path) for path in _files(draft)}
        write_json(draft / CHECKSUMS, sums)
        for path in draft.rglob("*"):
            _sync(path)
        _sync(draft)
        if folder.exists():  # Moved away whole, since removing it takes time and could be cut off.
            folder.rename(replaced)
        draft.rename(folder)
        _sync(folder.parent)
    except Exception as error:
        _raise_if_disk_full(folder, error)
        raise
    finally:
        for leftover in (draft, replaced):
            shutil.rmtree(leftover, ignore_errors=True)


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """Yield an empty folder in `parent` that is removed when the block ends.

    Raise DiskFullError if the disk is full.
    """
    folder = parent / f"{DRAFT}scratch-{secrets.token_hex(8)}"
    try:
        folder.mkdir(parents=True)
        yield folder
    except Exception as error:
        _raise_if_disk_full(folder, error)
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def first_damaged(folder: Path) -> Path | None:
    """Return the first file in `folder` that differs from what `new_folder` wrote, or None.

    If the checksums are missing or unreadable, return their path. Raise InputError if the system
    cannot read a file, which does not mean that it is damaged.
    """
    try:
        sums = json.loads((folder / CHECKSUMS).read_text(encoding="utf-8"))
        for path, expected in ((folder / str(name), sums[name]) for name in sums):
            if not path.is_file() or file_sha256(path) != expected:
                return path
    except (FileNotFoundError, ValueError, TypeError):
        return folder / CHECKSUMS
    except OSError as error:
        raise InputError(f"cannot read {error.filename}: {error.strerror}") from None
    return None


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Yield the path of a draft that becomes `path` if the block succeeds.

    If several processes write to `path`, the last one's file stays. Raise DiskFullError if the disk
    is full.
    """
    draft = path.with_name(f"{DRAFT}{secrets.token_hex(8)}-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield draft
        _sync(draft)
        draft.replace(path)
        _sync(path.parent)
    except Exception as error:
        _raise_if_disk_full(path, error)
        raise
    finally:
        draft.unlink(missing_ok=True)


def reserve(path: Path, size: int | None = None) -> None:
    """Allocate the bytes of a file, by default those that it has, before it is written by a map.

    A full disk is an OSError then, and not a SIGBUS later.
    """
    with path.open("r+b") as file:
        size = path.stat().st_size if size is None else size
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, size)
        else:
            file.truncate(size)


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file that nobody changes a second name, or copy it where there are no links."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def write_json(path: Path, value: object) -> None:
    """Write JSON that any parser reads. Raise ValueError if a number is NaN or infinite."""
    path.write_text(json.dumps(value, indent=1, allow_nan=False), encoding="utf-8")


def remove_drafts(folder: Path) -> None:
    """Remove the drafts that killed processes left anywhere below `folder`."""
    for path in list(folder.rglob(f"{DRAFT}*")):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def folder_bytes(folder: Path) -> int:
    """Return the total size of the files below a folder, without the checksums."""
    return sum(path.stat().st_size for path in _files(folder) if path.name != CHECKSUMS)


def _raise_if_disk_full(target: Path, error: Exception) -> None:
    """Raise DiskFullError if a full disk caused `error`. Call it before the draft is removed.

    A library may hide a full disk behind an error of its own, so the free space counts as well.
    """
    full = isinstance(error, OSError) and error.errno in DISK_FULL_ERRORS
    folder = next(parent for parent in target.parents if parent.exists())
    if full or shutil.disk_usage(folder).free < MIN_FREE_BYTES:
        raise DiskFullError(
            f"no space left to write {target}; free some and run the same command again: "
            "finished work is kept"
        ) from error


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _sync(path: Path) -> None:
    """Make a file's content, or a folder's names, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
