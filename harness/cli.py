"""The command line: parses, calls, prints. No logic, and no heavy import before it is needed."""

import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from harness.commands.options import MOST_SECONDS, measures, numbers_if_any
from methods.errors import InputError, UnavailableError

WIDTH_WITHOUT_TERMINAL = 140


class CommandLine(click.Group):
    """Prints bad input as one line and exits with 2; a traceback is for bugs, or for --debug."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(context)
        except (InputError, UnavailableError) as error:
            if "--debug" in sys.argv:
                raise
            message = str(error)
            if isinstance(error, UnavailableError):
                message = f"a library is missing: {message}"
            click.echo(f"Error: {message}", err=True)
            context.exit(2)
        except KeyboardInterrupt:
            click.echo(
                "Interrupted. Finished cells are kept; the same command goes on behind them "
                "(with --force it starts anew).",
                err=True,
            )
            context.exit(130)


@click.group(cls=CommandLine, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ehibench")
def main() -> None:
    """Does learning the index with the embeddings beat embedding first, at the same compute?"""


@main.command()
@click.option(
    "--methods",
    default="ehi,ivf",
    show_default=True,
    help="Methods, separated by commas, or all.",
)
@click.option(
    "--choose",
    "choices",
    multiple=True,
    metavar="SECTION.KEY=V1,V2,...",
    help="Take the best of some values, on tuning queries, for each method and budget; repeatable.",
)
@measures
@click.option("--force", is_flag=True, help="Train and measure again what is finished.")
def run(**options: Any) -> None:
    """Train, build and measure methods at compute budgets."""
    from harness.commands.run import RunCommandOptions, run_cells

    sys.exit(run_cells(RunCommandOptions(**options), _console(), Console(stderr=True)))


@main.command()
@click.option("--arms", help="Only these arms beside the full method, separated by commas.")
@measures
@click.option("--csv", "as_csv", is_flag=True, help="Print one line an arm and budget.")
def ablate(**options: Any) -> None:
    """Measure ehi with its parts changed one at a time, against the full method.

    --dry-run lists the arms.
    """
    from harness.commands.ablate import AblateOptions, run_arms

    sys.exit(run_arms(AblateOptions(**options), _console(), Console(stderr=True)))


@main.command(name="list")
@click.argument("what", type=click.Choice(["methods", "datasets", "encoders"]))
def list_(what: str) -> None:
    """Show what there is, and the pip line that brings what is missing."""
    from harness.commands.list import catalogue

    table = Table("name", "what it is", "available", box=None, header_style="bold", pad_edge=False)
    for entry in catalogue(what):
        available = "yes" if entry.mend is None else f"no: {entry.mend}"
        table.add_row(*map(escape, (entry.name, entry.summary, available)))
    _console().print(table)


@main.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--method", "methods", multiple=True, help="Only these methods; repeatable, or ehi,ivf."
)
@click.option("--dataset", "datasets", multiple=True, help="Only these datasets; repeatable.")
@click.option(
    "--budget",
    "budgets",
    multiple=True,
    callback=numbers_if_any(float),
    help="Only these budgets, and methods without one; repeatable, or 0.01,0.02,0.05.",
)
@click.option(
    "--against", metavar="METHOD", help="Compare with this method, by a test over the queries."
)
@click.option(
    "--measure", default="nDCG@10", show_default=True, help="What seeds and methods differ in."
)
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects.")
@click.option("--csv", "as_csv", is_flag=True, help="Print one row a record.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def show(debug: bool, **options: Any) -> None:
    """Print the records of a run folder, over seeds and against a baseline."""
    from harness.commands.show import ShowOptions, show_records

    show_records(ShowOptions(**options), _console())


@main.group()
def export() -> None:
    """Take what a run trained to other programs."""


@export.command(name="faiss")
@click.argument("cell", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE and what stands beside it.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def export_to_faiss(cell: Path, file: Path, force: bool, debug: bool) -> None:
    """Write CELL, such as RUN/cells/NAME, as a Faiss index, with its encoder."""
    from harness.commands.export import export_faiss

    export_faiss(cell, file, force, _console())


@main.command()
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def baseline(run_folder: Path, file: Path, debug: bool) -> None:
    """Save what `check` needs of a run folder to one file, small enough to commit."""
    from harness.commands.check import save

    save(run_folder, file, Console(stderr=True))


@main.command()
@click.argument("baseline", type=click.Path(path_type=Path))
@click.argument("candidate", required=False, type=click.Path(path_type=Path))
@click.option("--measure", default="nDCG@10", show_default=True, help="What quality is.")
@click.option(
    "--tolerance",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.01,
    show_default=True,
    help="The loss of quality that is accepted, as a share of the baseline's.",
)
@click.option(
    "--slowdown",
    type=click.FloatRange(1, MOST_SECONDS),
    default=1.25,
    show_default=True,
    help="How many times as long a search may take.",
)
@click.option(
    "--relative-to",
    metavar="METHOD",
    help="Compare times with this method's of the same run.  [default: the reference workload]",
)
@click.option(
    "--seed",
    "seeds",
    multiple=True,
    callback=numbers_if_any(int),
    help="Only these seeds; the baseline's others still tell the noise.  [default: all]",
)
@click.option(
    "--markdown",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    help="Write a summary for CI; - prints it instead of the table.",
)
@click.option(
    "--junit",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    help="Write JUnit XML, a test case a method, budget and kind.",
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def check(debug: bool, **options: Any) -> None:
    """Fail where CANDIDATE is worse than BASELINE by more than noise.

    Each is a run folder or a file of `ehibench baseline`. CANDIDATE left out is where
    `ehibench run` writes: results/runs/DATASET, of the baseline's dataset.

    Exits with 0 where nothing is worse, 1 where quality or speed is, and 2 where a cell of
    BASELINE is missing or was measured on other data or with other settings.
    """
    from harness.commands.check import CheckOptions, check_candidate

    sys.exit(check_candidate(CheckOptions(**options), _console()))


@main.command()
@click.argument(
    "folders", metavar="RUN...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Where tables/, figures/, headline.md and index.html are written.",
)
@click.option(
    "--baseline",
    metavar="METHOD",
    help="What the tables' marks are against.  [default: ivf, if it is there]",
)
@click.option(
    "--measure",
    help="What curves, sentences and queries are of.  [default: what papers report of a dataset]",
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def report(debug: bool, **options: Any) -> None:
    """Write tables, figures and a page of one or more run folders."""
    from harness.commands.report import ReportOptions, write_report

    written = write_report(ReportOptions(**options))
    for dataset, sentences in written.headlines.items():
        click.echo("\n".join([dataset, *(f"  {sentence}" for sentence in sentences)]))
    for note in written.notes:
        click.echo(f"left out: {note}")
    click.echo(f"report: {written.page}")


def _console() -> Console:
    return Console() if sys.stdout.isatty() else Console(width=WIDTH_WITHOUT_TERMINAL)


if __name__ == "__main__":
    main()
