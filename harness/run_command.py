"""What `ehibench run` does, from checked options to the printed table."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from harness.budget import BudgetBy
from harness.config import Settings, load_settings
from harness.datasets import load_dataset
from harness.datasets.dataset import Dataset
from harness.estimate import Estimate, estimate
from harness.plan import Cell, plan_cells
from harness.progress import progress_bars
from harness.provenance import provenance
from harness.report.table import failures, record_tables, training_lines
from harness.store import Record, RunFolder, ensure_writable
from harness.workers import start_server
from methods.base import Resources
from methods.errors import InputError, UnavailableError
from methods.registry import Method, method, methods

RUNS = Path("results/runs")


@dataclass(frozen=True)
class RunOptions:
    """The options of `ehibench run` as they were given."""

    methods: str
    dataset: str
    budgets: Sequence[float]
    budget_by: BudgetBy
    preset: str | None
    overrides: Sequence[str]
    seeds: Sequence[int]
    device: str
    threads: int | None
    timeout: float | None
    out: Path | None
    force: bool
    dry_run: bool
    debug: bool


def run_cells(options: RunOptions, output: Console, log: Console) -> int:
    """Run the cells, print the table to `output` and everything else to `log`.

    Return the exit code: 0 when every cell is measured, 2 when one could not be for want
    of a library or for its input, 1 when one failed otherwise.
    """
    chosen = _chosen_methods(options.methods)
    with progress_bars(log) as progress:
        with progress("Starting torch", 1):
            start_server()
            device = _device(options.device)
        preset = options.preset or ("tuned" if device == "cuda" else "quick")
        settings = load_settings(preset, options.overrides)
        with progress(f"Loading {options.dataset}", 1):
            dataset = load_dataset(options.dataset)
        folder = RunFolder(options.out or default_run_folder(dataset.name))
        cells = plan_cells(
            dataset, chosen, settings, options.seeds, options.budgets, options.budget_by, device
        )
        if not options.dry_run:
            resources = Resources(device, cache_folder(), progress)
            ensure_writable(resources.cache, "set EHIBENCH_CACHE to another folder")
            with folder.open_for_writing():
                records = _measure(
                    options, preset, settings, cells, dataset, folder, resources, log
                )
    if options.dry_run:
        estimates = estimate(cells, folder, options.force)
        output.print(_plan_table(estimates))
        output.print(_plan_line(estimates), soft_wrap=True, highlight=False)
        return 0
    headline = f"{dataset.name} ({dataset.source}), preset {preset}, device {device}"
    output.print(headline, soft_wrap=True, highlight=False, markup=False)
    for table in record_tables(records, output.width):
        output.print(table)
    for line in training_lines(records):
        output.print(line, soft_wrap=True, highlight=False, markup=False)
    output.print(f"records: {folder.path}", soft_wrap=True, highlight=False, markup=False)
    for line in failures(records):
        log.print(f"Error: {line}", soft_wrap=True, highlight=False, markup=False)
    return _exit_code(records)


def default_run_folder(dataset: str) -> Path:
    """Return where a dataset's cells are measured into if nothing else is asked for."""
    return RUNS / dataset.replace(":", "-").replace("/", "-")


def cache_folder() -> Path:
    """Return where embeddings are kept: $EHIBENCH_CACHE, or ehibench in the user's caches."""
    own = os.environ.get("EHIBENCH_CACHE")
    if own:
        return Path(own).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "ehibench"


def _measure(
    options: RunOptions,
    preset: str,
    settings: Settings,
    cells: list[Cell],
    dataset: Dataset,
    folder: RunFolder,
    resources: Resources,
    log: Console,
) -> list[Record]:
    from harness.recording import Recorder
    from harness.runner import Runner
    from harness.threads import available_threads

    threads = options.threads or available_threads()
    origin = {
        **provenance(resources.device, threads),
        "preset": preset,
        "dataset_source": dataset.source,
        "dataset_sha256": dataset.fingerprint,
        "timing": asdict(settings["timing"]),
    }
    runner = Runner(
        dataset=dataset,
        written=options.dataset,
        folder=folder,
        resources=resources,
        settings=settings,
        recorder=Recorder(dataset, folder, origin),
        threads=threads,
        timeout=options.timeout,
        force=options.force,
        debug=options.debug,
        say=lambda line: log.print(line, soft_wrap=True, highlight=False, markup=False),
    )
    return runner.run(cells)


def _chosen_methods(names: str) -> list[Method]:
    if names.strip() == "all":
        return list(methods().values())
    chosen = [method(name.strip()) for name in names.split(",") if name.strip()]
    if not chosen:
        raise InputError("--methods names no method; e.g. --methods ehi,ivf")
    return list(dict.fromkeys(chosen))


def _device(asked: str) -> str:
    import torch

    there = torch.cuda.is_available()
    if asked == "cuda" and not there:
        raise InputError("--device cuda: torch sees no CUDA device here; use --device cpu")
    return asked if asked != "auto" else "cuda" if there else "cpu"


def _plan_table(estimates: Sequence[Estimate]) -> Table:
    table = Table("cell", "method", "seed", "budget", "state", box=None, header_style="bold")
    table.add_column("about", justify="right")
    for line in estimates:
        cell = line.cell
        budget = "-" if cell.budget is None else f"{cell.budget:g}"
        about = "?" if line.seconds is None else f"{line.seconds:.0f} s"
        name, seed = cell.job.method.name, str(cell.job.seed)
        table.add_row(cell.name, name, seed, budget, line.state, about)
    return table


def _plan_line(estimates: Sequence[Estimate]) -> str:
    """Say how long the plan takes, and of which methods no record tells."""
    known = sum(line.seconds for line in estimates if line.seconds is not None)
    unknown = {line.cell.job.method.name: None for line in estimates if line.seconds is None}
    told = f"about {known / 60:.1f} min by the records of this run folder"
    return f"{told}; none yet of {', '.join(unknown)}" if unknown else told


def _exit_code(records: Sequence[Record]) -> int:
    errors = {record.error for record in records if record.status != "ok"}
    if not errors:
        return 0
    return 2 if errors <= {InputError.__name__, UnavailableError.__name__} else 1
