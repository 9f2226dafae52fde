"""A run folder survives kills, other processes, full disks and damage."""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock

from harness.store import RunFolder
from methods.durable import first_damaged

KILLS = 40
LANES = 2
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def start(beir_folder: Path, tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Start:
    """Starts `ehibench run` of ivf and exact, two budgets and two seeds: ten cells."""
    settings = {
        "encoder.name": tiny_encoder,
        "encoder.max_tokens": 16,
        "training.epochs": 2,
        "ivf.lists": 8,
        "timing.rounds": 1,
        "timing.seconds": 0.01,
    }
    pairs = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    words = ["run", "--dataset", f"beir:{beir_folder}", "--preset", "quick", "--device", "cpu"]
    words += ["--threads", "1", "--methods", "ivf,exact", "--seed", "0,1", *pairs]
    cache = tmp_path_factory.mktemp("cache")
    environment = {**os.environ, "EHIBENCH_CACHE": str(cache)}

    def start(folder: Path, *more: str, **changed: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "harness.cli", *words, "--budget", "0.3,0.6"]
        return subprocess.Popen(
            [*command, "--out", str(folder), *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**environment, **changed},
        )

    return start


def quality(folder: Path) -> dict[str, tuple[object, ...]]:
    """Return, by cell, what another run of it must find again."""
    return {
        record.cell: (record.status, record.effort, record.metrics, record.visited)
        for record in RunFolder(folder).records()
    }


def attempts(folder: Path) -> list[Path]:
    return sorted(folder.glob("cells/*/[0-9]*"))


@pytest.fixture(scope="module")
def undisturbed(start: Start, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """A finished run folder, and the seconds it takes when everything is encoded."""
    for name in ("first", "second"):
        folder = tmp_path_factory.mktemp("undisturbed") / name
        began = time.monotonic()
        with start(folder) as run:
            _, errors = run.communicate()
        assert run.returncode == 0, errors
    return folder, time.monotonic() - began


def test_forty_kills_lose_nothing_and_repeat_nothing(
    start: Start, undisturbed: tuple[Path, float], tmp_path: Path
):
    finished, seconds = undisturbed
    expected = quality(finished)
    assert len(expected) == 2 * 3

    def lane(number: int) -> int:
        moments = random.Random(number)
        kills = sweeps = 0
        folder = tmp_path / f"{number}-0"
        while kills < KILLS // LANES or (folder / "cells").is_dir():
            before = attempts(folder)
            run = start(folder)
            try:
                if kills < KILLS // LANES:
                    run.communicate(timeout=moments.uniform(0, 1.5 * seconds))
                else:
                    run.communicate(timeout=120)
            except subprocess.TimeoutExpired:
                run.kill()
                run.communicate()
                kills += 1
            after = attempts(folder)
            assert set(before) <= set(after), "a finished cell was lost"
            assert all(first_damaged(attempt) is None for attempt in after)
            assert all(attempt.name == "0001" for attempt in after), "a cell was measured twice"
            if run.returncode == 0:
                assert quality(folder) == expected
                sweeps += 1
                folder = tmp_path / f"{number}-{sweeps}"
        assert kills == KILLS // LANES
        return sweeps

    with ThreadPoolExecutor(LANES) as lanes:
        assert all(sweeps > 0 for sweeps in lanes.map(lane, range(LANES)))


def test_a_second_process_is_refused(start: Start, undisturbed: tuple[Path, float]):
    folder, _ = undisturbed
    with FileLock(folder / "lock"), start(folder) as second:
        _, errors = second.communicate()
    assert second.returncode == 2
    assert f"Error: another ehibench run is writing to {folder}; wait until it ends" in errors


@pytest.mark.parametrize("name", ["record.json", "per_query.json", "run.trec.gz"])
def test_a_damaged_record_is_measured_again_and_never_shown(
    start: Start, undisturbed: tuple[Path, float], name: str
):
    folder, _ = undisturbed
    expected = quality(folder)
    attempt = attempts(folder)[0]
    content = (attempt / name).read_bytes()
    (attempt / name).write_bytes(content[: len(content) // 2])
    try:
        show = [sys.executable, "-m", "harness.cli", "show", str(folder)]
        shown = subprocess.run(show, capture_output=True, text=True)
        assert shown.returncode == 2 and f"{attempt / name} is damaged" in shown.stderr
        with start(folder) as run:
            _, log = run.communicate()
        assert run.returncode == 0
        assert f"{name} is damaged or missing" in log and "measured again" in log
        assert quality(folder) == expected
    finally:
        (attempt / name).write_bytes(content)


@pytest.mark.parametrize(
    "pattern",
    ["*/encoder/head.safetensors", "*/encoder/training.json", "*/embeddings/documents.npy",
     "*/indexes/ivf-*/files/ivf.faiss"],
)  # fmt: skip
def test_a_damaged_checkpoint_is_named_and_made_again(
    start: Start, undisturbed: tuple[Path, float], pattern: str
):
    folder, _ = undisturbed
    expected = quality(folder)
    (made,) = list((folder / "trained").glob(pattern))[:1]
    content = bytearray(made.read_bytes())
    content[len(content) // 2] ^= 1
    made.write_bytes(content)
    budgets = str(random.Random(pattern).uniform(0.7, 0.9))
    with start(folder, "--budget", budgets) as run:  # a new cell needs what was made
        _, log = run.communicate()
    assert run.returncode == 0, log
    assert f"{made.name} is damaged or missing" in log and "is made again" in log
    assert first_damaged(made.parents[1] if made.parent.name == "files" else made.parent) is None
    again = quality(folder)
    assert {cell: again[cell] for cell in expected} == expected


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small tmpfs needs root")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_one_line_and_keeps_what_is_there(start: Start, small_disk: Path):
    folder = small_disk / "run"
    with start(folder, "--methods", "exact", "--seed", "0") as run:
        _, errors = run.communicate()
    assert run.returncode == 0, errors
    kept = quality(folder)
    (small_disk / "ballast").write_bytes(bytes(os.statvfs(small_disk).f_bavail * 4096 - 20_000))
    with start(folder) as run:
        _, errors = run.communicate()
    assert run.returncode == 2
    lines = [line for line in errors.splitlines() if line.startswith("Error:")]
    assert len(lines) == 1 and "no space is left" in lines[0] and "Traceback" not in errors
    assert quality(folder).items() >= kept.items()
    (small_disk / "ballast").unlink()
    with start(folder) as run:
        _, errors = run.communicate()
    assert run.returncode == 0 and quality(folder).items() >= kept.items()


def test_names_in_the_data_choose_no_path(start: Start, beir_folder: Path, tmp_path: Path):
    folder = tmp_path / "data" / "nest"
    (folder / "qrels").mkdir(parents=True)
    names = ["../../escaped", "/tmp/ehibench-escaped", "a\\..\\b"]
    rows = [json.dumps({"_id": name, "text": f"text {name}"}) for name in names]
    (folder / "corpus.jsonl").write_text("\n".join(rows))
    (folder / "queries.jsonl").write_text("\n".join(rows))
    qrels = "".join(f"{name}\t{name}\t1\n" for name in names)
    (folder / "qrels" / "test.tsv").write_text(qrels)
    before = {path for path in tmp_path.rglob("*") if tmp_path / "run" not in path.parents}
    words = ["--dataset", f"beir:{folder}", "--methods", "exact", "--set", "encoder.train=frozen"]
    with start(tmp_path / "run", *words) as run:
        _, errors = run.communicate()
    assert run.returncode == 0, errors
    after = {path for path in tmp_path.rglob("*") if tmp_path / "run" not in path.parents}
    assert after - before == {tmp_path / "run"}
    assert not Path("/tmp/ehibench-escaped").exists()
