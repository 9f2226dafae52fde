"""The parts of a run, done one by one, leave the records that the whole run leaves."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.run.executors.stages import Part, Stage
from methods.base import ProgressBar
from tests.harness.bench import Bench


class InThisProcess:
    """Does the parts at once, instead of submitting them."""

    scratch = Path("jobs")

    def __init__(self) -> None:
        self.steps: list[tuple[str, int]] = []

    def wait_for_earlier(self) -> None: ...

    def run(
        self, stages: Sequence[Stage], do: Callable[[Part], None], progress: ProgressBar
    ) -> None:
        for stage in stages:
            self.steps.append((stage.step, len(stage.parts)))
            for part in stage.parts:
                do(part)


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> InThisProcess:
    executor = InThisProcess()
    monkeypatch.setattr("harness.commands.sweep.submit.new_executor", lambda *words: executor)
    return executor


def outcomes(bench: Bench, out: str) -> list[Any]:
    return [
        (record.cell, record.measured.quality.metrics, record.measured.effort)
        for record in bench.records(Path(out))
    ]


def test_the_parts_of_a_run_leave_the_records_of_the_whole_run(bench: Bench, jobs: InThisProcess):
    words = ["--methods", "ehi,ivf,bm25", "--budget", "0.3,0.6", "--choose"]
    words += ["tree.spilled=0,1"]
    assert bench.run(*words, out="whole").exit_code == 0
    done = bench.run(*words, "--executor", "local", out="parts")
    assert done.exit_code == 0, done.output
    assert jobs.steps == [("train", 2), ("build", 4), ("choose", 1), ("time", 2)]
    assert outcomes(bench, "parts") == outcomes(bench, "whole")


def test_finished_parts_are_not_submitted_again(bench: Bench, jobs: InThisProcess):
    words = ["--methods", "bm25", "--executor", "local"]
    assert bench.run(*words).exit_code == 0
    assert jobs.steps == [("build", 1), ("time", 1)]
    jobs.steps.clear()
    assert bench.run(*words).exit_code == 0
    assert jobs.steps == []
    assert len(list(Path("run").glob("cells/*/*"))) == 1


def test_a_job_without_a_record_is_a_failure(
    bench: Bench, jobs: InThisProcess, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(InThisProcess, "run", lambda *words: None)
    done = bench.run("--methods", "bm25", "--executor", "local")
    assert done.exit_code == 3
    assert "its job ended without a record" in done.output


def test_slurm_options_need_the_slurm_executor(bench: Bench):
    done = bench.run("--methods", "bm25", "--slurm", "time=1h", out="none")
    assert done.exit_code == 2 and "--slurm needs --executor slurm" in done.output
