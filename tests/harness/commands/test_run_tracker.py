"""`ehibench run --tracker`: what is trained is the same, and each way to train logs it."""

import sys
from pathlib import Path

import pytest

from tests.harness.bench import Bench

TRAINED = ("--methods", "exact", "--budget", "0.5")


def test_a_tracker_changes_no_name(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("accelerate", reason="accelerate is not installed")
    from accelerate.tracking import LOGGER_TYPE_TO_CLASS, GeneralTracker

    monkeypatch.setitem(LOGGER_TYPE_TO_CLASS, "own", GeneralTracker)
    plain = bench.run("--methods", "ehi,ivf", "--dry-run")
    tracked = bench.run("--methods", "ehi,ivf", "--dry-run", "--tracker", "own")
    assert tracked.exit_code == 0, tracked.output
    assert tracked.output == plain.output and "ehi-visited" in plain.output


def test_an_unknown_tracker_is_refused_before_anything_is_trained(bench: Bench):
    pytest.importorskip("accelerate", reason="accelerate is not installed")
    done = bench.run(*TRAINED, "--tracker", "tensorbord")
    assert done.exit_code == 2
    assert "Error: unknown tracker 'tensorbord'; did you mean 'tensorboard'?" in done.output
    assert not Path("run").exists()


def test_a_tracker_changes_nothing_that_is_trained(bench: Bench):
    pytest.importorskip("tensorboard", reason="tensorboard is not installed")
    assert bench.run(*TRAINED, out="plain").exit_code == 0
    done = bench.run(*TRAINED, "--tracker", "tensorboard", out="tracked")
    assert done.exit_code == 0, done.output
    assert cells("tracked") == cells("plain")
    assert head("tracked").relative_to("tracked") == head("plain").relative_to("plain")
    assert head("tracked").read_bytes() == head("plain").read_bytes()


@pytest.mark.parametrize(
    "words",
    [
        ("--processes", "2"),
        ("--launcher", f"{sys.executable} -m torch.distributed.run --nproc-per-node 1"),
        ("--executor", "local"),
    ],
    ids=["two processes", "launcher", "jobs"],
)
def test_every_way_to_train_is_tracked(bench: Bench, words: tuple[str, ...]):
    pytest.importorskip("tensorboard", reason="tensorboard is not installed")
    pytest.importorskip("submitit", reason="submitit is not installed")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    done = bench.run(*TRAINED, "--tracker", "tensorboard", *words)
    assert done.exit_code == 0, done.output
    key = head("run").parts[-3]
    events = EventAccumulator(f"run/tracking/dual_encoder-seed-0-{key}").Reload()
    assert [event.value for event in events.Scalars("epoch")] == [0, 1, 2]
    assert all(event.value > 0 for event in events.Scalars("semantic"))


def cells(run: str) -> list[str]:
    return sorted(path.name for path in Path(run, "cells").iterdir())


def head(run: str) -> Path:
    """Return the file of the only trained head."""
    (file,) = Path(run).glob("trained/*/encoder/head.safetensors")
    return file
