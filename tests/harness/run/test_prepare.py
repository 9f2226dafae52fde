"""Jobs share what is trained, and a training that stopped is resumed."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from harness.run.prepare import with_memory_hint
from harness.store.record import Failure
from tests.harness.bench import EIGHT_LEAVES, Bench


def test_methods_on_one_trainer_share_its_training(finished_run: Path):
    paths = finished_run.glob("trained/*/encoder/training.json")
    trained = [json.loads(path.read_text()) for path in paths]
    assert len(trained) == 2  # one of ehi, and one of the dual encoder for ivf and exact
    assert len({note["summary"]["encoder_updates"] for note in trained}) == 1
    assert len(list(finished_run.glob("trained/*/embeddings/documents.npy"))) == 2
    built = sorted(path.name.split("-")[0] for path in finished_run.glob("trained/*/indexes/*"))
    assert built == ["exact", "ivf", "tree"]


def test_a_new_budget_uses_the_encoder_that_is_there(bench: Bench):
    full = ["--set", "encoder.train=full", "--set", "encoder.head=none"]
    words = [*full, "--methods", "ehi,ivf"]
    first = bench.run(*words, "--budget", "0.4")
    assert first.exit_code == 0, first.output
    assert "trained the encoder's transformer" in first.output
    again = bench.run(*words, "--budget", "0.8")
    assert again.exit_code == 0, again.output
    assert len(list(Path("run").glob("trained/*"))) == 2


def test_a_training_that_was_killed_is_resumed(bench: Bench):
    words = bench.words("run", *EIGHT_LEAVES, "--methods", "exact", "--set", "training.epochs=400")
    program = [sys.executable, "-m", "harness.cli", *words]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    often = "--set=training.checkpoint_seconds=1e-9"
    with subprocess.Popen([*program, often], stderr=subprocess.PIPE, env=environment) as run:
        while not list(Path("run").glob("trained/*/checkpoint")):
            assert run.poll() is None
            time.sleep(0.01)
        run.kill()
    seldom = "--set=training.checkpoint_seconds=60"
    done = subprocess.run([*program, seldom], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    log = " ".join(done.stderr.split())
    assert re.search(r"resuming training at epoch \d+, after \d+ of its batches", log), log
    (home,) = Path("run/trained").iterdir()
    assert {path.name for path in home.iterdir()} == {"encoder", "embeddings", "indexes"}


def test_a_training_that_failed_is_not_repeated_for_the_methods_that_share_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    from harness.run.workers import Worker

    started: list[str] = []

    class Counting(Worker[Any]):
        def __init__(self, make: Any, *rest: Any) -> None:
            started.append(getattr(make, "func", make).__name__)
            super().__init__(make, *rest)

    monkeypatch.setattr("harness.run.workers.Worker", Counting)
    words = ["--methods", "ivf,exact,hnsw", "--budget", "0.5"]
    done = bench.run(*words, "--set", "training.head_learning_rate=1e30")
    assert done.exit_code == 2 and started == ["TrainTask"]
    assert [record.status for record in bench.records()] == ["failed"] * 3


def test_a_bounded_build_that_crashes_may_have_been_refused_memory():
    crash = Failure("SIGSEGV", "its process was killed by SIGSEGV")
    hinted = with_memory_hint(crash, 10**9)
    assert hinted is not None and hinted.reason.endswith("perhaps it needs more than --memory")
    assert with_memory_hint(crash, None) == crash
    wrong = Failure("InputError", "ivf.lists is 9")
    assert with_memory_hint(wrong, 10**9) == wrong and with_memory_hint(None, 10**9) is None
