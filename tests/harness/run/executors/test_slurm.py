"""`--executor slurm`, in a real Slurm with one node."""

import multiprocessing
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from harness.run.executors import slurm as slurm_executor
from harness.run.executors.slurm import MAX_TIMEOUTS, SlurmExecutor, SlurmRequest, parse_slurm
from harness.run.executors.stages import Part, Stage
from methods.base import no_progress
from methods.errors import InputError
from tests.harness.run.executors.noting_task import NotingTask
from tests.harness.run.executors.one_node_slurm import needs_slurm, one_node_slurm

SECONDS = 120
"""Longer than the slowest machine needs to start a job."""
BUILD = Stage("build", [Part("build", ("a",)), Part("build", ("b",))])
TIME = Stage("time", [Part("time", ("a", "b"))])


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with (
        one_node_slurm(tmp_path_factory.mktemp("slurm")) as environment,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("SLURM_CONF", environment["SLURM_CONF"])
        yield


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def executor(tmp_path: Path, said: list[str]) -> SlurmExecutor:
    return SlurmExecutor(tmp_path / "jobs", "ehibench-test", SlurmRequest(10, {}), said.append)


def test_options_of_sbatch_are_passed_on_and_the_time_is_read():
    request = parse_slurm(["partition=gpu,gpus=1,time=4h", "mem=60G"])
    assert request.options == {"partition": "gpu", "gpus": "1", "mem": "60G"}
    assert request.minutes == 240 and request.whole_node
    assert not parse_slurm(["time=90m,exclusive=no"]).whole_node


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("partition=gpu", "--slurm needs time=4h"),
        ("time=soon", "not 'soon'"),
        ("time", "--slurm takes key=value"),
        ("time=1h,array=0-9", "--slurm array is set by ehibench"),
        ("time=1h,exclusive=perhaps", "exclusive is yes or no"),
    ],
)
def test_what_slurm_could_not_do_is_one_line(text: str, reason: str):
    with pytest.raises(InputError, match=reason):
        parse_slurm([text])


def test_a_silent_controller_leaves_the_number_of_jobs_as_it_was(
    executor: SlurmExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    answers = tmp_path / "answers"
    answers.mkdir()
    for number, answer in enumerate(("echo 7_0 7_1 8", "exit 1", "echo 8", "exit 1", "true")):
        (answers / str(number)).write_text(answer)
    squeue = tmp_path / "squeue"
    squeue.write_text(
        f'#!/bin/sh\ncd {answers}; set -- *; answer=$(cat $1); rm $1; eval "$answer"\n'
    )
    squeue.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(slurm_executor, "POLL_SECONDS", (0.01, 0.01))
    shown: list[int] = []
    executor._wait(3, shown.append)
    assert shown == [3, 3, 1, 1, 0]


@needs_slurm
def test_the_job_that_times_comes_last_and_has_the_whole_node(
    slurm: None, executor: SlurmExecutor, tmp_path: Path
):
    task = NotingTask(tmp_path)
    executor.run([BUILD, TIME], task, no_progress)
    assert sorted(task.events()[:4]) == ["begin a", "begin b", "end a", "end b"]
    assert task.events()[4:] == ["begin a+b", "end a+b"]
    assert [note["cores"] for note in task.notes()] == [1, 1, 1, 1, *[os.cpu_count()] * 2]
    assert executor.scratch.stat().st_mode & 0o777 == 0o700
    assert not list(executor.scratch.rglob("*.pkl"))


@needs_slurm
def test_a_requeued_job_is_done_again_though_the_command_has_died(
    slurm: None, executor: SlurmExecutor, said: list[str], tmp_path: Path
):
    (tmp_path / "hold").touch()
    task = NotingTask(tmp_path)
    quiet = replace(executor, say=str)
    command = multiprocessing.get_context("fork").Process(
        target=quiet.run, args=([BUILD, TIME], task, no_progress)
    )
    command.start()
    begun = wait_for_notes(task, 2)
    command.kill()
    command.join()
    subprocess.run(["scontrol", "requeue", begun[0]["job"]], check=True)
    (tmp_path / "hold").unlink()
    executor.wait_for_earlier()
    assert said and said[0].startswith("jobs of an earlier command are in the queue")
    events = task.events()
    assert events.count(f"begin {begun[0]['part']}") == 2  # the job was killed and queued again
    assert events[-2:] == ["begin a+b", "end a+b"]


def submit_and_let_one_run_out_of_time(executor: SlurmExecutor, task: NotingTask) -> BaseProcess:
    """Submit two jobs that wait, and send one the signal that Slurm sends before the time limit.

    To submitit, the last ten minutes are the end of the time, and these jobs have ten minutes.
    """
    (task.folder / "hold").touch()
    command = multiprocessing.get_context("fork").Process(
        target=replace(executor, say=str).run, args=([BUILD], task, no_progress)
    )
    command.start()
    begun = wait_for_notes(task, 2)
    job = next(note["job"] for note in begun if note["part"] == "a")
    subprocess.run(["scancel", "--signal=USR2", job], check=True)
    return command


@needs_slurm
def test_a_job_that_is_out_of_time_is_queued_again(
    slurm: None, executor: SlurmExecutor, tmp_path: Path
):
    task = NotingTask(tmp_path)
    command = submit_and_let_one_run_out_of_time(executor, task)
    wait_for_notes(task, 3)
    (tmp_path / "hold").unlink()
    command.join(SECONDS)
    assert command.exitcode == 0
    assert sorted(task.events()) == ["begin a", "begin a", "begin b", "end a", "end b"]
    assert "this job is timed-out" in logs(executor)
    assert f"({MAX_TIMEOUTS - 1} remaining timeouts)" in logs(executor)


@needs_slurm
def test_a_job_that_was_out_of_time_too_often_ends(
    slurm: None, executor: SlurmExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(slurm_executor, "MAX_TIMEOUTS", 0)
    task = NotingTask(tmp_path)
    command = submit_and_let_one_run_out_of_time(executor, task)
    deadline = time.monotonic() + SECONDS
    while "timed-out too many times" not in logs(executor):
        assert time.monotonic() < deadline, "the job has not ended"
        time.sleep(0.1)
    (tmp_path / "hold").unlink()
    command.join(SECONDS)
    assert command.exitcode == 0  # the parts that time then record why
    assert sorted(task.events()) == ["begin a", "begin b", "end b"]


def logs(executor: SlurmExecutor) -> str:
    """Return what all jobs have logged."""
    return "".join(path.read_text() for path in executor.scratch.rglob("*_log.*"))


@needs_slurm
def test_what_sbatch_refuses_is_one_line_and_leaves_no_job(
    slurm: None, executor: SlurmExecutor, tmp_path: Path
):
    refused = replace(executor, request=SlurmRequest(10, {"partition": "none"}))
    with pytest.raises(InputError, match=r"sbatch refused a job: .*invalid partition"):
        refused.run([BUILD, TIME], NotingTask(tmp_path), no_progress)
    executor.wait_for_earlier()


def wait_for_notes(task: NotingTask, count: int) -> list[dict[str, str]]:
    deadline = time.monotonic() + SECONDS
    while len(notes := task.notes()) < count:
        assert time.monotonic() < deadline, "no job has started"
        time.sleep(0.1)
    return notes
