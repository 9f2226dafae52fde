"""What commands that measure start from: options become a dataset, settings and a runner."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from harness.commands.progress import progress_bars
from harness.config import Settings, load_settings
from harness.datasets import load_dataset
from harness.datasets.dataset import Dataset
from harness.measure.budget import Budget, BudgetKind
from harness.run.workers import Workers, start_server
from harness.store.provenance import provenance
from harness.store.record import Provenance
from harness.store.run_folder import RunFolder, ensure_writable
from methods.base import ProgressBar, Resources
from methods.errors import InputError

if TYPE_CHECKING:
    from harness.run.runner import Runner

RUNS = Path("results/runs")


@dataclass(frozen=True)
class RunOptions:
    """The options, as they were given, of every command that measures."""

    dataset: str
    budgets: Sequence[float]
    budget_by: BudgetKind
    preset: str | None
    overrides: Sequence[str]
    seeds: Sequence[int]
    device: str
    threads: int | None
    timeout: float | None
    out: Path | None
    debug: bool

    def limits(self) -> list[Budget]:
        """Return the budgets. Raise InputError for one that is not a share, or not a time."""
        return [Budget(self.budget_by, limit) for limit in self.budgets]


@dataclass(frozen=True)
class Start:
    """What the options come to. `preset` is the one that was taken where none was given."""

    options: RunOptions
    dataset: Dataset
    preset: str
    settings: Settings
    device: str
    folder: RunFolder
    progress: ProgressBar
    log: Console

    @property
    def headline(self) -> str:
        """The data, the preset and the device in a line."""
        data = f"{self.dataset.name} ({self.dataset.source})"
        return f"{data}, preset {self.preset}, device {self.device}"

    @contextmanager
    def runner(self, force: bool = False) -> Iterator["Runner"]:
        """Yield a runner that has the run folder to itself until the block ends."""
        from harness.measure.threads import available_threads
        from harness.run.prepare import Preparer
        from harness.run.recorder import Recorder
        from harness.run.runner import Runner

        options = self.options
        resources = Resources(self.device, cache_folder(), self.progress)
        ensure_writable(resources.cache, "set EHIBENCH_CACHE to another folder")
        with self.folder.open_for_writing():
            threads = options.threads or available_threads()
            origin = Provenance(
                **provenance(self.device, threads),
                preset=self.preset,
                dataset_spec=options.dataset,
                dataset_source=self.dataset.source,
                dataset_sha256=self.dataset.fingerprint,
                timing=asdict(self.settings["timing"]),
            )
            preparer = Preparer(
                dataset_spec=options.dataset,
                folder=self.folder,
                resources=resources,
                threads=threads,
                workers=Workers(self.progress, options.timeout, options.debug, self._say),
                log=self._say,
            )
            yield Runner(
                dataset=self.dataset,
                folder=self.folder,
                preparer=preparer,
                timing=self.settings["timing"],
                recorder=Recorder(self.dataset, self.folder, origin),
                force=force,
            )

    def _say(self, line: str) -> None:
        self.log.print(line, soft_wrap=True, highlight=False, markup=False)


@contextmanager
def started(options: RunOptions, log: Console) -> Iterator[Start]:
    """Yield what the options come to, with progress shown on `log` until the block ends."""
    with progress_bars(log) as progress:
        with progress("Starting torch", 1):
            start_server()
            device = _device(options.device)
        preset = options.preset or ("tuned" if device == "cuda" else "quick")
        settings = load_settings(preset, options.overrides)
        with progress(f"Loading {options.dataset}", 1):
            dataset = load_dataset(options.dataset)
        folder = RunFolder(options.out or default_run_folder(dataset.name))
        yield Start(options, dataset, preset, settings, device, folder, progress, log)


def default_run_folder(dataset: str) -> Path:
    """Return where a dataset's cells are measured into if nothing else is asked for."""
    return RUNS / dataset.replace(":", "-").replace("/", "-")


def cache_folder() -> Path:
    """Return where embeddings are kept: $EHIBENCH_CACHE, or ehibench in the user's caches."""
    own = os.environ.get("EHIBENCH_CACHE")
    if own:
        return Path(own).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "ehibench"


def _device(asked: str) -> str:
    import torch

    there = torch.cuda.is_available()
    if asked == "cuda" and not there:
        raise InputError("--device cuda: torch sees no CUDA device here; use --device cpu")
    return asked if asked != "auto" else "cuda" if there else "cpu"
