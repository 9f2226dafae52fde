"""A plan for the terminal: its cells, what is finished of them, how long the rest takes."""

from collections.abc import Sequence

from rich.table import Table

from harness.estimate import Estimate


def plan_table(estimates: Sequence[Estimate], arms: Sequence[str] = ()) -> Table:
    """Return a line a cell, with the arm of an ablation that it belongs to where there are some."""
    menus = any(line.chosen for line in estimates)
    headers = [
        *(["arm"] if arms else []),
        *("cell", "method", "seed", "budget"),
        *(["chosen"] if menus else []),
        "state",
    ]
    table = Table(*headers, box=None, header_style="bold")
    table.add_column("about", justify="right")
    for place, line in enumerate(estimates):
        cell = line.cell
        table.add_row(
            *([arms[place]] if arms else []),
            cell.name,
            cell.job.method.name,
            str(cell.job.seed),
            "-" if cell.budget is None else f"{cell.budget:g}",
            *([line.chosen] if menus else []),
            line.state,
            "?" if line.seconds is None else f"{line.seconds:.0f} s",
        )
    return table


def plan_line(estimates: Sequence[Estimate]) -> str:
    """Say how long the plan takes, and of which methods no record tells."""
    known = sum(line.seconds for line in estimates if line.seconds is not None)
    unknown = {line.cell.job.method.name: None for line in estimates if line.seconds is None}
    told = f"about {known / 60:.1f} min by the records of this run folder"
    return f"{told}; none yet of {', '.join(unknown)}" if unknown else told
