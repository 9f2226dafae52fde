"""Options that several commands share, and how their values are parsed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from harness.commands.presets.option import preset_option
from harness.commands.sweep.group_options import launcher_option, processes_option
from harness.commands.values.bytes import parse_bytes
from harness.commands.values.numbers import parse_numbers, reject_nan
from harness.measure.budget import Budget, CostKind, QualityKind
from harness.measure.quality import DEFAULT_DEPTH
from methods.devices import PLACES
from methods.errors import InputError
from methods.method import Method
from methods.paths import user_path
from methods.registry import method, methods

DEFAULT_BUDGET = 0.1
MAX_SECONDS = 1_000_000
DEVICES = click.Choice(["auto", "cpu", "cuda"])
DEBUG = "ehibench.debug"
"""The key of --debug in the `meta` of a click context, which a command shares with its group."""


class UserPath(click.Path):
    """A path in which a leading "~" is the home folder; with `allow_dash`, "-" is a path too."""

    def __init__(self, allow_dash: bool = False) -> None:
        super().__init__(allow_dash=allow_dash, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path that a word of the command line spells out."""
        return super().convert(user_path(str(value)), param, ctx)


@dataclass(frozen=True)
class RunOptions:
    """The options, as they were given, of every command that trains and measures."""

    dataset: str
    budgets: Sequence[float]
    budget_by: CostKind | None
    qualities: Sequence[float]
    quality_by: QualityKind | None
    depth: int
    preset: str | None
    overrides: Sequence[str]
    seeds: Sequence[int]
    device: str
    encode_device: str | None
    search_device: str
    threads: int | None
    processes: int
    launcher: Sequence[str]  # the words of a command
    tracker: str | None
    memory: int | None
    timeout: float | None
    out: Path | None
    dry_run: bool
    debug: bool

    def limits(self) -> list[Budget]:
        """Return the budgets, or the qualities to reach.

        Raise InputError for one that is not a share, or not a time, and for options that exclude
        each other.
        """
        if not self.qualities:
            if self.quality_by is not None:
                raise InputError("--quality-by needs --quality, such as --quality 0.95")
            kind = self.budget_by or "visited"
            return [Budget(kind, limit) for limit in self.budgets or [DEFAULT_BUDGET]]
        if self.budgets or self.budget_by is not None:
            raise InputError(
                "--quality finds the least cost, so it excludes --budget and --budget-by; leave "
                "them out, or --quality"
            )
        return [Budget(self.quality_by or "overlap", quality) for quality in self.qualities]


def debug_option(hidden: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the decorator that adds --debug, which `debugging` reads.

    --debug is an option of `ehibench` itself; commands accept it too, hidden from their help.
    """
    return click.option(
        "--debug",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        hidden=hidden,
        callback=_remember_debug,
        help="Show the traceback of an error.",
    )


def debugging(context: click.Context) -> bool:
    """Return whether --debug was given, before or after the name of the command."""
    return DEBUG in context.meta


methods_option = click.option(
    "--methods",
    "names",
    default="ehi,ivf",
    show_default=True,
    help="Methods to compare, separated by commas, or all.",
)
"""The option of `run` and `drift`; `parse_methods` reads its value."""


def parse_methods(names: str) -> list[Method]:
    """Return the methods that --methods names, each once. Raise InputError if there is none."""
    if names.strip() == "all":
        return list(methods().values())
    chosen = [method(name.strip()) for name in names.split(",") if name.strip()]
    if not chosen:
        raise InputError("--methods is empty; name at least one, e.g. --methods ehi,ivf")
    return list(dict.fromkeys(chosen))


def run_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that trains and measures its shared options, as one `RunOptions`."""

    @wraps(command)
    def with_options(**values: Any) -> None:
        shared = {name: values.pop(name) for name in RunOptions.__annotations__ if name != "debug"}
        debug = debugging(click.get_current_context())
        command(options=RunOptions(**shared, debug=debug), **values)

    decorated: Callable[..., None] = with_options
    for option in reversed(_RUN_OPTIONS):
        decorated = option(decorated)
    return decorated


def _remember_debug(context: click.Context, option: click.Option, given: bool) -> None:
    if given:
        context.meta[DEBUG] = True


_RUN_OPTIONS = (
    click.option(
        "--dataset",
        default="hpo",
        show_default=True,
        help="Dataset to search, such as hpo, beir:FOLDER or vectors:FOLDER; see list datasets.",
    ),
    click.option(
        "--budget",
        "budgets",
        multiple=True,
        callback=parse_numbers(float),
        help="Search budgets per query, separated by commas: shares of an exact search, above 0 "
        f"and up to 1, or milliseconds with --budget-by latency.  [default: {DEFAULT_BUDGET}]",
    ),
    click.option(
        "--budget-by",
        type=click.Choice(["visited", "macs", "latency"]),
        help="What --budget limits: the documents visited, the multiply-adds including routing, "
        "or the milliseconds per query on one thread.  [default: visited]",
    ),
    click.option(
        "--quality",
        "qualities",
        multiple=True,
        callback=parse_numbers(float),
        help="Qualities to reach at the least cost, instead of budgets, separated by commas: "
        "shares of exact search's, above 0 and up to 1.",
    ),
    click.option(
        "--quality-by",
        type=click.Choice(["overlap", "ndcg"]),
        help="What --quality is a share of: exact search's first ten documents, or its nDCG@10.  "
        "[default: overlap]",
    ),
    click.option(
        "--depth",
        type=click.IntRange(DEFAULT_DEPTH),
        default=DEFAULT_DEPTH,
        show_default=True,
        help="Number of documents that a query asks for, 10 or more; R@100 needs 100.",
    ),
    preset_option,
    click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="SECTION.KEY=VALUE",
        help="Setting that replaces the preset's value; repeatable.",
    ),
    click.option(
        "--seed",
        "seeds",
        multiple=True,
        default=["0"],
        show_default=True,
        callback=parse_numbers(int),
        help="Random seeds, separated by commas.",
    ),
    click.option("--device", type=DEVICES, default="auto", help="Where to train.  [default: auto]"),
    click.option("--encode-device", type=DEVICES, help="Where to encode.  [default: as --device]"),
    click.option(
        "--search-device",
        type=click.Choice(list(PLACES)),
        default="cpu",
        show_default=True,
        help="Where to search and time, and by which engine; cuda is by torch's own.",
    ),
    click.option(
        "--threads",
        type=click.IntRange(1),
        help="Threads for training, building and batches.  [default: all]",
    ),
    processes_option,
    launcher_option,
    click.option(
        "--tracker",
        metavar="NAME",
        help="Tracker that logs every training: tensorboard, or another one that Accelerate knows."
        "  [default: none]",
    ),
    click.option(
        "--memory",
        callback=parse_bytes,
        metavar="SIZE",
        help="Most memory for building an index, mapped files not counted, such as 4GB. ivf and "
        "the trees are then built part by part, and searched from disk.  [default: no limit]",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(0, MAX_SECONDS, min_open=True),
        callback=reject_nan,
        metavar="SECONDS",
        help="Time limit for each of training, building and measuring a cell.  [default: none]",
    ),
    click.option(
        "--out",
        type=UserPath(),
        help="Run folder to write to, or to continue.  [default: results/runs/DATASET]",
    ),
    click.option(
        "--dry-run",
        is_flag=True,
        help="Print the planned cells and the time they will take, and measure nothing.",
    ),
    debug_option(hidden=True),
)
