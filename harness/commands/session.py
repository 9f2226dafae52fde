"""From the options of a command that measures to a runner and an exit code."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from harness.commands.console import print_line, progress_bars
from harness.commands.options import RunOptions
from harness.config import Settings, digest, load_settings, resolved_settings
from harness.datasets import load_dataset
from harness.datasets.dataset import Dataset
from harness.datasets.remarks import remarks
from harness.measure.threads import available_threads
from harness.plan.cells import Cell, plan_cells
from harness.plan.menu import NO_MENUS, MenuRequest
from harness.run.workers import Workers, start_server
from harness.store.drifts import DriftRecord
from harness.store.provenance import Provenance, provenance
from harness.store.record import Record
from harness.store.run_folder import RunFolder, ensure_writable
from methods.base import ProgressBar, Resources
from methods.devices import Devices, search_place
from methods.errors import InputError, UnavailableError
from methods.method import Method

if TYPE_CHECKING:
    from harness.run.prepare import Preparer
    from harness.run.runner import Runner

RUNS = Path("results/runs")
DEFAULT_PRESET = "quick"


@dataclass(frozen=True)
class RunContext:
    """The dataset, settings, device and run folder that the options select."""

    options: RunOptions
    dataset: Dataset
    preset: str
    settings: Settings
    devices: Devices
    folder: RunFolder
    progress: ProgressBar
    log: Console
    is_part: bool = False  # whether other processes do other parts of the same run

    @property
    def summary(self) -> str:
        """The dataset, the preset, the devices and the depth in one line, then any remarks."""
        dataset = f"{self.dataset.name} ({self.dataset.source})"
        device = self.devices.train
        if self.devices != Devices(device, device):
            device += f" (encodes on {self.devices.encode}, searches on {self.devices.search})"
        run = f"preset {self.preset}, device {device}, depth {self.options.depth}"
        return "\n".join([f"{dataset}, {run}", *remarks(self.dataset)])

    def plan(
        self,
        methods: Sequence[Method],
        settings: Settings,
        menus: MenuRequest = NO_MENUS,
    ) -> list[Cell]:
        """Return the cells of methods at the seeds and budgets of the options."""
        seeds, budgets = self.options.seeds, self.options.limits()
        devices, depth = self.devices, self.options.depth
        return plan_cells(self.dataset, methods, settings, seeds, budgets, devices, menus, depth)

    @contextmanager
    def runner(self, force: bool = False) -> Iterator["Runner"]:
        """Yield a runner, with the run folder locked against other processes until the block ends.

        With `force`, finished cells are measured again.
        """
        from harness.run.recorder import Recorder
        from harness.run.runner import Runner

        with self.preparer() as preparer:
            yield Runner(
                dataset=self.dataset,
                folder=self.folder,
                preparer=preparer,
                timing=self.settings["timing"],
                recorder=Recorder(self.dataset, self.folder, self.provenance()),
                force=force,
            )

    @contextmanager
    def preparer(self) -> Iterator["Preparer"]:
        """Yield what trains and builds, with the run folder locked until the block ends."""
        from harness.run.launch import Launcher
        from harness.run.prepare import Preparer

        options = self.options
        resources = Resources(self.devices.train, cache_folder(), self.progress)
        ensure_writable(resources.cache, "set EHIBENCH_CACHE to another folder")
        log = partial(print_line, self.log)
        folder = self.folder
        jobs = resources.cache / "launched" / digest(str(folder.path.resolve()))
        launcher = Launcher(options.launcher, options.dataset, jobs)
        with folder.open_for_part() if self.is_part else folder.open_for_writing():
            yield Preparer(
                dataset=self.dataset,
                folder=self.folder,
                resources=resources,
                threads=self._threads,
                workers=Workers(self.progress, options.timeout, options.debug, log),
                log=log,
                processes=options.processes,
                launcher=launcher if options.launcher else None,
                memory=options.memory,
                tracker=options.tracker,
            )

    def provenance(self) -> Provenance:
        """Return the origin of what is measured now."""
        return Provenance(
            **provenance(self.devices, self._threads),
            memory_limit=self.options.memory,
            preset=self.preset,
            dataset_spec=self.options.dataset,
            dataset_source=self.dataset.source,
            dataset_sha256=self.dataset.fingerprint,
            dataset_documents=len(self.dataset.corpus),
            relevant_from=self.dataset.test().relevant_from,
            timing=asdict(self.settings["timing"]),
        )

    @property
    def _threads(self) -> int:
        return self.options.threads or available_threads()


@contextmanager
def prepare_run(options: RunOptions, log: Console, elsewhere: bool = False) -> Iterator[RunContext]:
    """Load what the options name, and show progress on `log` until the block ends.

    If it is measured `elsewhere`, this machine need not have the device.

    Raise InputError or UnavailableError if the dataset, preset, settings or device cannot be used.
    """
    if options.launcher and options.processes > 1:
        raise InputError("--launcher says how many processes there are; leave out --processes")
    with progress_bars(log) as progress:
        with progress("Starting torch", 1):
            start_server()
            devices = _choose_devices(options, elsewhere)
            if options.tracker is not None:
                from methods.training.tracking import check_tracker

                check_tracker(options.tracker)
        preset = options.preset or DEFAULT_PRESET
        settings = load_settings(preset, options.overrides)
        with progress(f"Loading {options.dataset}", 1):
            dataset = load_dataset(options.dataset)
        settings = resolved_settings(settings, dataset.size)
        folder = RunFolder(options.out or default_run_folder(dataset.name))
        yield RunContext(options, dataset, preset, settings, devices, folder, progress, log)


def exit_code(records: Sequence[Record] | Sequence[DriftRecord]) -> int:
    """Return 0 if all was measured, 2 if only the input or a missing library failed, else 3."""
    errors = {record.failure.error for record in records if record.failure is not None}
    if not errors:
        return 0
    return 2 if errors <= {InputError.__name__, UnavailableError.__name__} else 3


def default_run_folder(dataset: str) -> Path:
    """Return the run folder of a dataset for which no other folder is given."""
    return RUNS / dataset.replace(":", "-").replace("/", "-")


def cache_folder() -> Path:
    """Return the folder of cached embeddings: $EHIBENCH_CACHE, or ehibench in the user's cache."""
    own = os.environ.get("EHIBENCH_CACHE")
    if own:
        return Path(own).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "ehibench"


def _choose_devices(options: RunOptions, elsewhere: bool) -> Devices:
    """Return where to train, encode and search. Raise InputError for a GPU that is not there.

    If it is measured `elsewhere`, only the machine that measures needs it.
    """
    train, encode = options.device, options.encode_device or options.device
    if not elsewhere:
        train = _choose_device("--device", train)
        encode = _choose_device("--encode-device", options.encode_device or train)
        _choose_device("--search-device", options.search_device.partition(":")[0])
    return Devices(train, encode, search_place(options.search_device))


def _choose_device(option: str, device: str) -> str:
    import torch

    has_cuda = torch.cuda.is_available()
    if device == "cuda" and not has_cuda:
        raise InputError(f"{option} cuda: torch finds no CUDA device; use {option} cpu")
    return device if device != "auto" else "cuda" if has_cuda else "cpu"
