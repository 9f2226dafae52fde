"""Folders and files appear complete or not at all, and damage is noticed."""

import errno
import json
import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from methods.atomic_files import (
    CHECKSUMS,
    first_damaged,
    folder_bytes,
    new_file,
    new_folder,
    remove_drafts,
    write_json,
)
from methods.errors import DiskFullError, InputError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "models" / "one"
    with new_folder(folder) as draft:
        (draft / "inner").mkdir()
        (draft / "inner" / "weights").write_bytes(bytes(1000))
        write_json(draft / "note.json", {"seed": 0})
    return folder


def test_a_folder_appears_when_the_block_ends(tmp_path: Path):
    folder = tmp_path / "deep" / "folder"
    with new_folder(folder) as draft:
        (draft / "a").write_text("whole")
        assert not folder.exists()
    assert (folder / "a").read_text() == "whole"
    assert [path.name for path in folder.parent.iterdir()] == ["folder"]


def test_a_failed_block_leaves_the_old_folder_untouched(folder: Path):
    with pytest.raises(KeyError), new_folder(folder) as draft:
        (draft / "half").write_text("")
        raise KeyError
    assert first_damaged(folder) is None and not (folder / "half").exists()
    assert [path.name for path in folder.parent.iterdir()] == ["one"]


@pytest.mark.parametrize("name", ["inner/weights", "note.json"])
@pytest.mark.parametrize("damage", ["changed", "shorter", "gone"])
def test_first_damaged_returns_the_damaged_file(folder: Path, name: str, damage: str):
    assert first_damaged(folder) is None
    content = (folder / name).read_bytes()
    if damage == "gone":
        (folder / name).unlink()
    else:
        changed = content[:-1] + (b"!" if damage == "changed" else b"")
        (folder / name).write_bytes(changed)
    assert first_damaged(folder) == folder / name


@pytest.mark.parametrize("content", [None, "", "[1, 2]", '{"note.json": 3}', "\x00"])
def test_a_folder_with_unreadable_checksums_is_damaged(folder: Path, content: str | None):
    if content is None:
        (folder / CHECKSUMS).unlink()
    else:
        (folder / CHECKSUMS).write_text(content)
    assert first_damaged(folder) is not None


def test_a_new_file_replaces_the_old_one_only_if_the_block_succeeds(tmp_path: Path):
    for text in ("old", "new"):
        with new_file(tmp_path / "file") as draft:
            draft.write_text(text)
    with pytest.raises(KeyError), new_file(tmp_path / "file") as draft:
        draft.write_text("half")
        raise KeyError
    assert (tmp_path / "file").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_json_rejects_nan(tmp_path: Path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "note.json", {"loss": float("nan")})


def test_folder_bytes_leaves_out_the_checksums(folder: Path):
    note = len(json.dumps({"seed": 0}, indent=1))
    assert folder_bytes(folder) == 1000 + note


def test_drafts_of_killed_processes_are_removed(folder: Path):
    (folder.parent / ".draft-abc").mkdir()
    (folder.parent / ".draft-abc" / "half").write_text("")
    (folder / ".draft-matrix.npy").write_text("")
    remove_drafts(folder.parent)
    assert first_damaged(folder) is None
    assert not list(folder.parent.rglob(".draft-*"))


@pytest.fixture
def full_disk(tmp_path: Path):
    """A disk of 1 MiB with 64 KiB free."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small tmpfs needs root")
    (disk / "ballast").write_bytes(bytes(960 << 10))
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_raises_one_line_and_leaves_no_draft(full_disk: Path):
    full = pytest.raises(DiskFullError, match="no space left to write")
    with full, new_folder(full_disk / "new") as draft:
        (draft / "large").write_bytes(bytes(1 << 20))
    with pytest.raises(DiskFullError), new_file(full_disk / "file") as draft:
        draft.write_bytes(bytes(1 << 20))
    assert [path.name for path in full_disk.iterdir()] == ["ballast"]


def test_a_full_disk_is_recognised_behind_the_error_of_a_library(full_disk: Path):
    (full_disk / "ballast").unlink()
    with pytest.raises(DiskFullError), new_folder(full_disk / "new") as draft:
        with suppress(OSError), (draft / "large").open("wb") as file:
            file.write(bytes(2 << 20))
        raise RuntimeError("write error")


def test_new_folders_respect_the_umask(tmp_path: Path):
    before = os.umask(0o022)
    try:
        with new_folder(tmp_path / "folder") as draft:
            (draft / "a").write_text("")
    finally:
        os.umask(before)
    assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o755


def test_a_file_that_cannot_be_read_is_not_reported_as_damaged(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    def unreadable(path: Path, *_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error", str(path))

    monkeypatch.setattr(Path, "open", unreadable)
    monkeypatch.setattr(Path, "read_text", unreadable)
    with pytest.raises(InputError, match=r"cannot read .*checksums.json: Input/output error"):
        first_damaged(folder)
