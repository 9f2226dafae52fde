"""`ehibench published`: what papers report, and what each row lacks."""

from pathlib import Path

import click

from harness.commands.console import output_console, print_line
from harness.commands.options import UserPath, debug_option
from harness.commands.published.gaps import gaps
from harness.report.numbers import short
from harness.report.rows.published import PUBLISHED, Claim, PublishedNumber, read_published
from methods.errors import InputError


@click.command()
@click.option("--check", is_flag=True, help="Print what each row lacks, instead of the rows.")
@click.option(
    "--folder",
    type=UserPath(),
    default=PUBLISHED,
    metavar="DIR",
    help="Folder of TOML files to read.  [default: those that come with ehibench]",
)
@debug_option(hidden=True)
def published(check: bool, folder: Path) -> None:
    """List what papers report, with its sources and the commands that reproduce it.

    Exit with 2 if a file is invalid.
    """
    rows: dict[str, PublishedNumber | Claim] = {}
    for file in read_published(folder):
        rows |= {**file.claims, **file.numbers}
    if not rows:
        raise InputError(f"--folder {folder}: it has no TOML files with rows; name another folder")
    console = output_console()
    if check:
        lacking = {place: found for place, row in rows.items() if (found := gaps(row))}
        for place, found in lacking.items():
            print_line(console, f"{place} ({_name(rows[place])}): {'; '.join(found)}")
        print_line(console, f"{len(rows)} rows, {len(lacking)} lack something")
        return
    for row in rows.values():
        value = f"{100 * row.gain:+.4g} %" if isinstance(row, Claim) else short(row.value)
        weak = ", weak" if row.confidence == "weak" else ""
        print_line(console, f"{_name(row)}: {value} ({row.read}{weak}: {row.source})")
        print_line(console, f"  {row.command}")


def _name(row: PublishedNumber | Claim) -> str:
    return f"{row.system}, {row.dataset}, {row.measure}"
