"""A launcher trains what this process would train, and one line says why it could not."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from harness.config import load_settings
from harness.datasets import load_dataset
from harness.plan.job import Job
from harness.run.group import ranks
from harness.run.launch import LOG_NAME, Launcher
from harness.run.workers import WorkerError, Workers
from harness.store.artifacts import Artifacts
from harness.tasks.train import JobInputs
from methods.base import Resources, no_progress
from methods.registry import method
from tests.harness.bench import Bench

TRAINING = {
    "encoder.train": "full",
    "training.hard_negatives": 0,  # rounding decides which a second search would find
    "training.epochs": 1,  # and longer training enlarges what rounding changes
    "training.transformer_learning_rate": 0.001,
}
# Each of two hosts runs this with the number of its own; here, both are this one.
TWO_HOSTS = """
for host in 0 1; do
  {python} -m accelerate.commands.launch --multi_gpu --num_machines 2 --num_processes 2 \\
    --machine_rank $host --main_process_ip 127.0.0.1 --main_process_port {port} \\
    --mixed_precision no --dynamo_backend no "$@" &
done
wait
"""


def train(bench: Bench, out: str, *words: object) -> None:
    settings = [f"--set={name}={value}" for name, value in TRAINING.items()]
    done = bench.run("--methods=exact", "--budget=1", *settings, *words, out=out)
    assert done.exit_code == 0, done.output


def weights(folder: Path) -> dict[str, np.ndarray]:
    (file,) = folder.rglob("transformer/model.safetensors")
    loaded: dict[str, np.ndarray] = load_file(file)
    return loaded


def test_two_hosts_train_the_encoder_that_one_process_trains(
    bench: Bench, tiny_encoder: Path, tmp_path: Path
):
    pytest.importorskip("accelerate", reason="accelerate is not installed")
    train(bench, "one")
    script = tmp_path / "two_hosts.sh"  # only now, since the port is free now
    script.write_text(TWO_HOSTS.format(python=sys.executable, port=ranks(2)[0].port))
    train(bench, "two", "--launcher", f"sh {script}")
    before, alone = load_file(tiny_encoder / "model.safetensors"), weights(tmp_path / "one")
    together = weights(tmp_path / "two")
    moved = np.mean([np.abs(alone[name] - before[name]).mean() for name in alone])
    apart = np.mean([np.abs(alone[name] - together[name]).mean() for name in alone])
    assert moved > 1e-3
    assert apart < 0.05 * moved  # .92 if gradients are not averaged


def test_a_launcher_without_ranks_is_refused_in_one_line(bench: Bench):
    done = bench.run("--methods=exact", "--budget=1", "--launcher", sys.executable)
    assert done.exit_code == 2
    (error,) = (line for line in done.output.splitlines() if line.startswith("Error: "))
    assert "the launcher has not set RANK and WORLD_SIZE; use torchrun" in error


def test_launcher_and_processes_exclude_each_other(bench: Bench):
    done = bench.run("--launcher", "torchrun", "--processes", "2")
    assert done.exit_code == 2 and "leave out --processes" in done.output


@pytest.fixture
def inputs(beir_folder: Path, resources: Resources, tmp_path: Path) -> JobInputs:
    dataset = load_dataset(f"beir:{beir_folder}")
    job = Job(dataset.name, method("exact"), load_settings("quick"), 0, "", "", "cpu")
    artifacts = Artifacts.for_job(job, tmp_path / "trained")
    return JobInputs(job, dataset, artifacts, resources.cache, threads=1)


def launch(
    inputs: JobInputs, scratch: Path, command: Sequence[str], timeout: float | None = None
) -> tuple[WorkerError, list[str]]:
    """Return the error of a launcher that fails, and the lines that it said."""
    said: list[str] = []
    with pytest.raises(WorkerError) as raised:
        workers = Workers(no_progress, timeout, debug=False, say=said.append)
        Launcher(command, "beir:tiny", scratch).train(inputs, workers)
    return raised.value, said


def test_a_launcher_that_fails_says_where_its_log_is(inputs: JobInputs, tmp_path: Path):
    scratch = tmp_path / "launched"
    error, said = launch(
        inputs, scratch, ["sh", "-c", "echo two hosts; echo unreachable >&2; exit 3"]
    )
    log = scratch / LOG_NAME
    assert str(error) == f"--launcher sh exited with code 3; see {log}"
    assert said == ["two hosts"] and log.read_text() == "unreachable\n"
    assert list(scratch.iterdir()) == [log]  # the job is removed


def test_a_launcher_that_does_not_exist_is_named(inputs: JobInputs, tmp_path: Path):
    error, _ = launch(inputs, tmp_path / "launched", ["no-such-launcher"])
    assert str(error) == "--launcher no-such-launcher: No such file or directory"


def test_a_launcher_is_ended_with_all_its_processes_when_the_time_is_up(
    inputs: JobInputs, tmp_path: Path
):
    left = tmp_path / "left"
    command = ["sh", "-c", f"(sleep 1; touch {left}) & wait"]
    error, _ = launch(inputs, tmp_path / "launched", command, timeout=0.2)
    assert str(error) == "took longer than 0.2 s (--timeout)"
    time.sleep(1.5)
    assert not left.exists()
