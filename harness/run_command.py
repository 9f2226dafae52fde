"""What `ehibench run` does, from checked options to the printed table."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from harness.budget import BudgetBy
from harness.config import load_settings
from harness.datasets import load_dataset
from harness.datasets.dataset import Dataset
from harness.plan import Cell, plan_cells
from harness.progress import progress_bars
from harness.report.table import failures, record_tables, training_lines
from harness.store import Record, RunFolder, ensure_writable
from methods.base import Resources
from methods.errors import InputError, UnavailableError
from methods.registry import Method, method

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
            device = _device(options.device)
        preset = options.preset or ("tuned" if device == "cuda" else "quick")
        settings = load_settings(preset, options.overrides)
        with progress(f"Loading {options.dataset}", 1):
            dataset = load_dataset(options.dataset)
        folder = RunFolder(options.out or RUNS / dataset.name.replace(":", "-").replace("/", "-"))
        cells = plan_cells(
            dataset, chosen, settings, options.seeds, options.budgets, options.budget_by, device
        )
        if not options.dry_run:
            folder.open_for_writing()
            resources = Resources(device, cache_folder(), progress)
            ensure_writable(resources.cache, "set EHIBENCH_CACHE to another folder")
            records = _measure(options, preset, cells, dataset, folder, resources)
    if options.dry_run:
        output.print(_plan_table(cells, folder))
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


def cache_folder() -> Path:
    """Return where embeddings are kept: $EHIBENCH_CACHE, or ehibench in the user's caches."""
    own = os.environ.get("EHIBENCH_CACHE")
    if own:
        return Path(own).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "ehibench"


def _measure(
    options: RunOptions,
    preset: str,
    cells: list[Cell],
    dataset: Dataset,
    folder: RunFolder,
    resources: Resources,
) -> list[Record]:
    from harness.runner import Runner
    from harness.threads import available_threads, use_threads

    threads = options.threads or available_threads()
    use_threads(threads)
    runner = Runner(dataset, folder, resources, preset, threads, options.force, options.debug)
    return list(runner.run(cells))


def _chosen_methods(names: str) -> list[Method]:
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


def _plan_table(cells: Sequence[Cell], folder: RunFolder) -> Table:
    table = Table("cell", "method", "seed", "budget", "state", box=None, header_style="bold")
    for cell in cells:
        latest = folder.latest(cell.name)
        budget = "-" if cell.budget is None else f"{cell.budget:g}"
        state = latest.status if latest else "to run"
        table.add_row(cell.name, cell.job.method.name, str(cell.job.seed), budget, state)
    return table


def _exit_code(records: Sequence[Record]) -> int:
    errors = {record.error for record in records if record.status != "ok"}
    if not errors:
        return 0
    return 2 if errors <= {InputError.__name__, UnavailableError.__name__} else 1
