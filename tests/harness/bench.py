"""`ehibench` on a tiny dataset, with settings that train in seconds."""

import shutil
from pathlib import Path

from click.testing import CliRunner, Result

from harness.cli import main
from harness.store.record import Record
from harness.store.run_folder import RunFolder

QUICK = {
    "encoder.max_tokens": 16,
    "training.epochs": 3,
    "ehi.joint_from": 1,
    "timing.rounds": 1,
    "timing.seconds": 0.01,
}


EIGHT_LEAVES = ("--set=ehi.branching=8", "--set=ivf.lists=8")


class Bench:
    """`ehibench`, with a dataset and settings that take seconds; records are written to `run`."""

    def __init__(self, dataset: Path, encoder: Path) -> None:
        self.dataset = dataset
        self._settings = {**QUICK, "encoder.name": encoder}

    def __call__(self, command: str, *words: object, out: object = "run") -> Result:
        return CliRunner().invoke(main, self.words(command, *words, out=out))

    def run(self, *words: object, out: object = "run") -> Result:
        """Run `ehibench run` with eight leaves or lists."""
        return self("run", *EIGHT_LEAVES, *words, out=out)

    def words(self, command: str, *words: object, out: object = "run") -> list[str]:
        """Return the words of a command line."""
        settings = [f"--set={key}={value}" for key, value in self._settings.items()]
        shared = ["--dataset", f"beir:{self.dataset}", "--preset", "quick", "--threads", "1"]
        return [str(word) for word in (command, *shared, *settings, "--out", out, *words)]

    def show(self, *words: str, out: str = "run") -> str:
        """Return the output of `ehibench show` for a run folder."""
        shown = CliRunner().invoke(main, ["show", out, *words])
        assert shown.exit_code == 0, shown.output
        return shown.output

    def records(self, out: str = "run") -> list[Record]:
        """Return the records of a run folder."""
        return RunFolder(Path(out)).records()

    def copy_dataset(self, folder: Path) -> Path:
        """Copy the dataset to a folder, use the copy, and return it."""
        self.dataset = Path(shutil.copytree(self.dataset, folder))
        return self.dataset
