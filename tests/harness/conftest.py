"""`ehibench` on the tiny dataset, in an empty folder and with an empty cache; a made-up run."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.datasets.dataset import Dataset
from harness.report.figures.style import CANVASES
from tests.harness.bench import EIGHT_LEAVES, Bench
from tests.harness.report.fake_run import MadeUpRun, make_run, write_data


@pytest.fixture(scope="session", autouse=True)
def one_canvas() -> Iterator[None]:
    """Draw figures in one width and on a light ground alone, which takes a quarter of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("harness.report.figures.draw.CANVASES", CANVASES[:1])
        yield


@pytest.fixture
def bench(
    beir_folder: Path, tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Bench:
    monkeypatch.setenv("EHIBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return Bench(beir_folder, tiny_encoder)


@pytest.fixture(scope="session")
def finished_run(
    beir_folder: Path, tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A run folder of ehi, ivf and exact search at two budgets, which tests must not change."""
    folder = tmp_path_factory.mktemp("finished")
    methods = ("--methods", "ehi,ivf,exact", "--budget", "0.3,0.6")
    bench = Bench(beir_folder, tiny_encoder)
    words = bench.words("run", *EIGHT_LEAVES, *methods, out=folder / "run")
    environment = {**os.environ, "EHIBENCH_CACHE": str(folder / "cache")}
    program = [sys.executable, "-m", "harness.cli", *words]
    done = subprocess.run(program, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return folder / "run"


@pytest.fixture(scope="session")
def made_up_data(hpo: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "made<up>"
    write_data(folder, hpo)
    return folder


@pytest.fixture(scope="session")
def made_up_run(made_up_data: Path, tmp_path_factory: pytest.TempPathFactory) -> MadeUpRun:
    return make_run(tmp_path_factory.mktemp("run") / "run", made_up_data)
