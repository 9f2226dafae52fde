"""A group of workers runs at once, and ends as soon as one of them fails."""

import time
from functools import partial
from pathlib import Path

import pytest

from harness.run.group import ranks, run_in_group
from harness.run.workers import WorkerError, Workers, start_server
from methods.base import ProgressBar, no_progress
from methods.errors import InputError
from tests.harness.bench import Bench


class Member:
    """Waits until as many members have arrived as are expected."""

    def __init__(self, folder: Path, index: int, expected: int, progress: ProgressBar) -> None:
        self.folder = folder
        self.index = index
        self.expected = expected

    def meet(self) -> None:
        (self.folder / str(self.index)).touch()
        while len(list(self.folder.iterdir())) < self.expected:
            time.sleep(0.01)

    def fail_or_wait(self) -> None:
        if self.index == 1:
            raise InputError("that is refused")
        self.meet()


@pytest.fixture(scope="module", autouse=True)
def server() -> None:
    start_server()


def workers() -> Workers:
    return Workers(no_progress, timeout=None, debug=False, say=print)


def test_all_members_run_at_once(tmp_path: Path):
    run_in_group(workers(), [partial(Member, tmp_path, i, 3) for i in range(3)], Member.meet)
    assert len(list(tmp_path.iterdir())) == 3


def test_a_member_that_fails_ends_the_others(tmp_path: Path):
    members = [partial(Member, tmp_path, i, 3) for i in range(2)]  # the third never comes
    with pytest.raises(WorkerError, match="that is refused"):
        run_in_group(workers(), members, Member.fail_or_wait)


def test_the_ranks_of_a_group_share_a_port():
    first, second = ranks(2)
    assert (first.index, second.index, second.count) == (0, 1, 2)
    assert first.port == second.port > 0


def test_two_processes_find_what_one_finds(bench: Bench):
    pytest.importorskip("accelerate", reason="accelerate is not installed")
    words = ["--methods", "ehi,exact", "--budget", "0.5", "--set", "encoder.train=full"]
    assert bench.run(*words, out="one").exit_code == 0
    done = bench.run(*words, "--processes", "2", out="two")
    assert done.exit_code == 0, done.output
    alone, together = bench.records("one"), bench.records("two")
    assert [record.cell for record in alone] == [record.cell for record in together]
    for one, two in zip(alone, together, strict=True):
        metrics = one.measured.quality.metrics
        assert two.measured.quality.metrics == pytest.approx(metrics, abs=0.02)
