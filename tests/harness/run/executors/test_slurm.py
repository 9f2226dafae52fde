"""`--executor slurm`, in a real Slurm with one node."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.run.executors.slurm import parse_slurm
from harness.store.run_folder import RunFolder
from methods.errors import InputError
from tests.harness.bench import EIGHT_LEAVES, Bench
from tests.harness.run.executors.one_node_slurm import missing, one_node_slurm

SECONDS = 600
"""More than the slowest machine needs."""


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


@pytest.mark.skipif(bool(missing()), reason=missing())
def test_a_requeued_job_and_a_killed_command_lose_nothing(bench: Bench, tmp_path: Path):
    words = bench.words("run", *EIGHT_LEAVES, "--methods", "ivf", "--budget", "0.5")
    words += ["--executor", "slurm", "--slurm", "time=10m"]
    program = [sys.executable, "-m", "harness.cli", *words]
    with one_node_slurm(tmp_path / "slurm") as environment:
        first = subprocess.Popen(program, env=environment)
        job = _wait_for_running_job(environment)
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        subprocess.run(["scontrol", "requeue", job], env=environment, check=True)
        done = subprocess.run(
            program, capture_output=True, text=True, env=environment, timeout=SECONDS
        )
    assert done.returncode == 0, done.stderr
    assert "jobs of an earlier command are in the queue" in done.stderr
    (record,) = RunFolder(Path("run")).records()
    assert record.status == "ok" and record.provenance.slurm["use"] == "whole node"
    assert record.provenance.command.endswith(" ".join(words[-4:]))
    assert len(list(Path("run").glob("cells/*/*"))) == 1  # measured once
    scratch = tmp_path / "cache" / "jobs"
    assert not list(scratch.rglob("*.pkl")) and scratch.stat().st_mode & 0o777 == 0o700
    (log,) = scratch.rglob(f"{job}_0_log.out")
    assert log.read_text().count("Starting with JobEnvironment") == 2


def _wait_for_running_job(environment: dict[str, str]) -> str:
    """Return the id of the first job of ehibench, once it is running its program."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        command = ["squeue", "--noheader", "--states=RUNNING", "--format=%i"]
        answer = subprocess.run(command, capture_output=True, text=True, env=environment)
        for job in answer.stdout.split():
            if any(Path("cache", "jobs").rglob(f"{job}_0_log.out")):
                return job
        time.sleep(0.2)
    raise AssertionError("no job has started")
