"""The command line on the tiny folder, in a folder and with a cache of its own; a made-up run."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli import main
from harness.datasets.dataset import Dataset
from harness.store.record import Record
from harness.store.run_folder import RunFolder
from tests.harness.report.fake_run import MadeUpRun, make_run, write_data

QUICK = {
    "encoder.max_tokens": 16,
    "training.epochs": 3,
    "ehi.joint_from": 1,
    "timing.rounds": 1,
    "timing.seconds": 0.01,
}


class Bench:
    """`ehibench`, with a dataset and settings that take seconds; records come to `run`."""

    def __init__(self, dataset: Path, encoder: Path) -> None:
        self.dataset = dataset
        self._settings = {**QUICK, "encoder.name": encoder}

    def __call__(self, command: str, *words: object, out: str = "run") -> Result:
        settings = [f"--set={key}={value}" for key, value in self._settings.items()]
        given = ["--dataset", f"beir:{self.dataset}", "--preset", "quick", "--threads", "1"]
        words = (command, *given, *settings, "--out", out, *words)
        return CliRunner().invoke(main, [str(word) for word in words])

    def show(self, *words: str, out: str = "run") -> str:
        """Return what `ehibench show` prints of a run folder."""
        shown = CliRunner().invoke(main, ["show", out, *words])
        assert shown.exit_code == 0, shown.output
        return shown.output

    def records(self, out: str = "run") -> list[Record]:
        """Return the records of a run folder."""
        return RunFolder(Path(out)).records()


@pytest.fixture
def bench(
    beir_folder: Path, tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Bench:
    monkeypatch.setenv("EHIBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return Bench(beir_folder, tiny_encoder)


@pytest.fixture(scope="session")
def made_up_data(hpo: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "made<up>"
    write_data(folder, hpo)
    return folder


@pytest.fixture(scope="session")
def made_up_run(made_up_data: Path, tmp_path_factory: pytest.TempPathFactory) -> MadeUpRun:
    return make_run(tmp_path_factory.mktemp("run") / "run", made_up_data)
