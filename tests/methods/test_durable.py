"""Folders and files are there whole or not at all, and damage is found."""

import errno
import json
import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from methods.durable import (
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
def place(tmp_path: Path) -> Path:
    place = tmp_path / "models" / "one"
    with new_folder(place) as draft:
        (draft / "inner").mkdir()
        (draft / "inner" / "weights").write_bytes(bytes(1000))
        write_json(draft / "note.json", {"seed": 0})
    return place


def test_a_folder_appears_when_the_block_ends(tmp_path: Path):
    place = tmp_path / "deep" / "folder"
    with new_folder(place) as draft:
        (draft / "a").write_text("whole")
        assert not place.exists()
    assert (place / "a").read_text() == "whole"
    assert [path.name for path in place.parent.iterdir()] == ["folder"]


def test_a_block_that_fails_leaves_what_was_there(place: Path):
    with pytest.raises(KeyError), new_folder(place) as draft:
        (draft / "half").write_text("")
        raise KeyError
    assert first_damaged(place) is None and not (place / "half").exists()
    assert [path.name for path in place.parent.iterdir()] == ["one"]


@pytest.mark.parametrize("name", ["inner/weights", "note.json"])
@pytest.mark.parametrize("damage", ["changed", "shorter", "gone"])
def test_damage_names_the_file(place: Path, name: str, damage: str):
    assert first_damaged(place) is None
    content = (place / name).read_bytes()
    if damage == "gone":
        (place / name).unlink()
    else:
        changed = content[:-1] + (b"!" if damage == "changed" else b"")
        (place / name).write_bytes(changed)
    assert first_damaged(place) == place / name


@pytest.mark.parametrize("content", [None, "", "[1, 2]", '{"note.json": 3}', "\x00"])
def test_damaged_checksums_are_damage(place: Path, content: str | None):
    if content is None:
        (place / CHECKSUMS).unlink()
    else:
        (place / CHECKSUMS).write_text(content)
    assert first_damaged(place) is not None


def test_a_file_replaces_the_one_before_at_once(tmp_path: Path):
    for text in ("old", "new"):
        with new_file(tmp_path / "file") as draft:
            draft.write_text(text)
    with pytest.raises(KeyError), new_file(tmp_path / "file") as draft:
        draft.write_text("half")
        raise KeyError
    assert (tmp_path / "file").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_json_holds_numbers_only(tmp_path: Path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "note.json", {"loss": float("nan")})


def test_the_size_is_of_what_was_written(place: Path):
    note = len(json.dumps({"seed": 0}, indent=1))
    assert folder_bytes(place) == 1000 + note


def test_drafts_of_killed_processes_are_removed(place: Path):
    (place.parent / ".draft-abc").mkdir()
    (place.parent / ".draft-abc" / "half").write_text("")
    (place / ".draft-matrix.npy").write_text("")
    remove_drafts(place.parent)
    assert first_damaged(place) is None
    assert not list(place.parent.rglob(".draft-*"))


@pytest.fixture
def full_disk(tmp_path: Path):
    """A disk of 1 MiB of which 64 KiB are free."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small tmpfs needs root")
    (disk / "ballast").write_bytes(bytes(960 << 10))
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_one_line(full_disk: Path):
    full = pytest.raises(DiskFullError, match="no space is left to write")
    with full, new_folder(full_disk / "new") as draft:
        (draft / "large").write_bytes(bytes(1 << 20))
    with pytest.raises(DiskFullError), new_file(full_disk / "file") as draft:
        draft.write_bytes(bytes(1 << 20))
    assert [path.name for path in full_disk.iterdir()] == ["ballast"]


def test_a_library_that_hides_a_full_disk_does_not_hide_it(full_disk: Path):
    (full_disk / "ballast").unlink()
    with pytest.raises(DiskFullError), new_folder(full_disk / "new") as draft:
        with suppress(OSError), (draft / "large").open("wb") as file:
            file.write(bytes(2 << 20))
        raise RuntimeError("write error")


def test_folders_are_for_all_to_read_that_may(tmp_path: Path):
    before = os.umask(0o022)
    try:
        with new_folder(tmp_path / "place") as draft:
            (draft / "a").write_text("")
    finally:
        os.umask(before)
    assert (tmp_path / "place").stat().st_mode & 0o777 == 0o755


def test_what_cannot_be_read_is_not_called_damaged(place: Path, monkeypatch: pytest.MonkeyPatch):
    def unreadable(path: Path, *_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error", str(path))

    monkeypatch.setattr(Path, "open", unreadable)
    monkeypatch.setattr(Path, "read_text", unreadable)
    with pytest.raises(InputError, match=r"cannot read .*checksums.json: Input/output error"):
        first_damaged(place)
