"""`ehibench run --executor`: the run is split into jobs, which share only the run folder."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from harness.store.run_folder import RunFolder
from tests.harness.bench import EIGHT_LEAVES, Bench
from tests.harness.run.executors.one_node_slurm import needs_slurm, one_node_slurm

SECONDS = 600
"""More than the slowest machine needs."""


@needs_slurm
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
    (scratch,) = (tmp_path / "cache" / "jobs").iterdir()
    assert not list(scratch.rglob("*.pkl")) and scratch.stat().st_mode & 0o777 == 0o700
    assert f"Requeuing JobId={job}" in (tmp_path / "slurm" / "slurmctld.log").read_text()


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
