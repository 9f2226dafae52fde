"""A run folder survives kills, other processes, full disks and damage."""

import contextlib
import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock

from harness.store.run_folder import RunFolder
from methods.atomic_files import first_damaged

KILLS = 40
LANES = 2


@pytest.fixture(scope="module")
def words(beir_folder: Path, tiny_encoder: Path) -> list[str]:
    """`ehibench run` of ivf and exact, two budgets and two seeds: six cells."""
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
    words += ["--threads", "1", "--methods", "ivf,exact", "--seed", "0,1", "--budget", "0.3,0.6"]
    return [*words, *pairs]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return {**os.environ, "EHIBENCH_CACHE": str(tmp_path_factory.mktemp("cache"))}


class Sweeper:
    """Runs the sweep in forks of a process that has imported everything, and can kill them."""

    def __init__(self, words: list[str], environment: dict[str, str], log: Path) -> None:
        command = [sys.executable, "-m", "tests.harness.run.prefork"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment)
        self._words, self._log = words, log

    def sweep(self, folder: Path, *more: str, seconds: float | None = None) -> tuple[int, str]:
        """Return the exit status and output of a sweep, which is killed after `seconds`, if any."""
        assert self._process.stdin is not None and self._process.stdout is not None
        line = json.dumps([str(self._log), *self._words, "--out", str(folder), *more]) + "\n"
        self._process.stdin.write(line.encode())
        self._process.stdin.flush()
        process = int(self._process.stdout.readline())
        ended, _, _ = select.select([self._process.stdout], [], [], seconds)
        if not ended:
            with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
                os.kill(process, signal.SIGKILL)
        return int(self._process.stdout.readline()), self._log.read_text()

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture(scope="module")
def sweeper(
    words: list[str], environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sweeper]:
    sweeper = Sweeper(words, environment, tmp_path_factory.mktemp("sweeper") / "log")
    yield sweeper
    sweeper.close()


def quality(folder: Path) -> dict[str, tuple[object, ...]]:
    """Return by cell what every run of it must reproduce."""
    return {
        record.cell: (
            record.status,
            record.measured.effort,
            record.measured.quality.metrics,
            record.measured.cost.visited,
        )
        for record in RunFolder(folder).records()
    }


def attempts(folder: Path) -> list[Path]:
    return sorted(folder.glob("cells/*/[0-9]*"))


@pytest.fixture(scope="module")
def undisturbed(sweeper: Sweeper, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run folder."""
    folder = tmp_path_factory.mktemp("undisturbed") / "run"
    status, log = sweeper.sweep(folder)
    assert status == 0, log
    return folder


def test_forty_kills_lose_nothing_and_repeat_nothing(
    words: list[str], environment: dict[str, str], undisturbed: Path, tmp_path: Path
):
    expected = quality(undisturbed)
    assert len(expected) == 2 * 3

    def lane(number: int) -> int:
        sweeper = Sweeper(words, environment, tmp_path / f"{number}.log")
        moments = random.Random(number)
        for name in ("imports", "whole"):
            began = time.monotonic()
            status, log = sweeper.sweep(tmp_path / f"{number}-{name}")
            assert status == 0, log
        whole = time.monotonic() - began
        kills, finished, folder = 0, 0, tmp_path / f"{number}-0"
        while kills < KILLS // LANES or folder.exists():
            before = attempts(folder)
            seconds = moments.uniform(0, whole) if kills < KILLS // LANES else None
            status, log = sweeper.sweep(folder, seconds=seconds)
            after = attempts(folder)
            assert set(before) <= set(after), "a finished cell was lost"
            assert all(first_damaged(attempt) is None for attempt in after)
            assert all(attempt.name == "0001" for attempt in after), "a cell was measured twice"
            if status == 0:
                assert quality(folder) == expected
                finished += 1
                folder = tmp_path / f"{number}-{finished}"
            else:
                assert status == -signal.SIGKILL, log
                kills += 1
        sweeper.close()
        assert kills == KILLS // LANES
        return finished

    with ThreadPoolExecutor(LANES) as lanes:
        assert all(finished > 0 for finished in lanes.map(lane, range(LANES)))


def test_a_second_process_is_rejected(sweeper: Sweeper, undisturbed: Path):
    with FileLock(undisturbed / "lock"):
        status, log = sweeper.sweep(undisturbed)
    assert status == 2
    assert f"Error: another ehibench run is writing to {undisturbed}; wait until it ends" in log


@pytest.mark.parametrize("name", ["record.json", "per_query.json", "run.trec.gz"])
def test_a_damaged_record_is_measured_again_and_never_shown(
    sweeper: Sweeper, undisturbed: Path, name: str
):
    folder = undisturbed
    expected = quality(folder)
    attempt = attempts(folder)[-1]
    content = (attempt / name).read_bytes()
    (attempt / name).write_bytes(content[: len(content) // 2])
    try:
        show = [sys.executable, "-m", "harness.cli", "show", str(folder)]
        shown = subprocess.run(show, capture_output=True, text=True)
        assert shown.returncode == 2 and f"{attempt / name} is damaged" in shown.stderr
        status, log = sweeper.sweep(folder)
        assert status == 0
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
    sweeper: Sweeper, undisturbed: Path, pattern: str
):
    folder = undisturbed
    expected = quality(folder)
    (made,) = list((folder / "trained").glob(pattern))[:1]
    content = bytearray(made.read_bytes())
    content[len(content) // 2] ^= 1
    made.write_bytes(content)
    budgets = str(random.Random(pattern).uniform(0.7, 0.9))
    status, log = sweeper.sweep(folder, "--budget", budgets)  # a new cell needs what was made
    assert status == 0, log
    assert f"{made.name} is damaged or missing" in log and "made again" in log
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


def test_a_full_disk_is_one_line_and_loses_no_record(sweeper: Sweeper, small_disk: Path):
    folder = small_disk / "run"
    status, log = sweeper.sweep(folder, "--methods", "exact", "--seed", "0")
    assert status == 0, log
    kept = quality(folder)
    (small_disk / "ballast").write_bytes(bytes(os.statvfs(small_disk).f_bavail * 4096 - 20_000))
    status, log = sweeper.sweep(folder)
    assert status == 2
    lines = [line for line in log.splitlines() if line.startswith("Error:")]
    assert len(lines) == 1 and "no space left" in lines[0] and "Traceback" not in log
    assert quality(folder).items() >= kept.items()
    (small_disk / "ballast").unlink()
    status, log = sweeper.sweep(folder)
    assert status == 0 and quality(folder).items() >= kept.items()


def test_names_in_the_data_cannot_choose_paths(sweeper: Sweeper, beir_folder: Path, tmp_path: Path):
    folder = tmp_path / "data" / "nest"
    (folder / "qrels").mkdir(parents=True)
    names = ["../../escaped", "/tmp/ehibench-escaped", "a\\..\\b"]
    rows = [json.dumps({"_id": name, "text": f"text {name}"}) for name in names]
    (folder / "corpus.jsonl").write_text("\n".join(rows))
    (folder / "queries.jsonl").write_text("\n".join(rows))
    qrels = "".join(f"{name}\t{name}\t1\n" for name in names)
    (folder / "qrels" / "test.tsv").write_text(qrels)
    before = {path for path in tmp_path.rglob("*") if tmp_path / "run" not in path.parents}
    frozen = ["--methods", "exact", "--set", "encoder.train=frozen"]
    status, log = sweeper.sweep(tmp_path / "run", "--dataset", f"beir:{folder}", *frozen)
    assert status == 0, log
    after = {path for path in tmp_path.rglob("*") if tmp_path / "run" not in path.parents}
    assert after - before == {tmp_path / "run"}
    assert not Path("/tmp/ehibench-escaped").exists()
