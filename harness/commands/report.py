"""`ehibench report`: write tables, figures and a page from the records of runs."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from harness.commands.options import UserPath, debug_option
from harness.report.dataset_report import DatasetReport
from harness.report.figures.draw import draw, draw_growth
from harness.report.findings.machine_readable import FORMAT, machine_readable, readable_growth
from harness.report.growth_report import GrowthReport
from harness.report.page.claims_overview import claims_overview
from harness.report.page.content import content
from harness.report.page.render import render
from harness.report.paper.growth_page import growth_page
from harness.report.paper.headline import headline
from harness.report.paper.latex import document, to_latex
from harness.report.paper.reproduction import reproduction_table
from harness.report.paper.typeset import Table, to_csv, to_markdown
from harness.report.rows.dataset_records import gather
from harness.report.rows.growth import find_growths
from harness.report.rows.published import read_published
from harness.store.run_folder import ensure_writable
from harness.store.stored_run import open_run
from methods.atomic_files import new_file

FORMS: dict[str, Callable[[Table], str]] = {
    ".md": to_markdown,
    ".tex": to_latex,
    ".csv": to_csv,
}


@dataclass(frozen=True)
class WrittenReport:
    """The page of a report, its sentences by dataset, and notes on what is missing from it."""

    page: Path
    headlines: Mapping[str, Sequence[str]]
    notes: Sequence[str]


@click.command()
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=UserPath())
@click.option(
    "--out",
    type=UserPath(),
    required=True,
    metavar="DIR",
    help="Folder for tables/, figures/, headline.md, verdicts.json and index.html.",
)
@click.option(
    "--baseline",
    metavar="METHOD",
    help="Method that tables mark differences from.  [default: ivf, if it was measured]",
)
@click.option(
    "--measure",
    help="Quality measure of the curves, the sentences and the queries.  "
    "[default: the measure that papers report for the dataset]",
)
@click.option(
    "--calibration",
    multiple=True,
    metavar="RUN",
    type=UserPath(),
    help="Run whose records are only compared with published numbers; repeatable.",
)
@debug_option(hidden=True)
def report(
    runs: Sequence[Path],
    out: Path,
    baseline: str | None,
    measure: str | None,
    calibration: Sequence[Path],
) -> None:
    """Write tables, figures and a page from one or more runs.

    RUN is a run folder, or a file that `ehibench baseline` wrote.
    """
    written = write_report(runs, out, baseline, measure, calibration)
    for dataset, sentences in written.headlines.items():
        click.echo("\n".join([dataset, *(f"  {sentence}" for sentence in sentences)]))
    for note in written.notes:
        click.echo(f"note: {note}")
    click.echo(f"report: {written.page}")


def write_report(
    runs: Sequence[Path],
    out: Path,
    baseline: str | None = None,
    measure: str | None = None,
    calibration: Sequence[Path] = (),
) -> WrittenReport:
    """Write the tables, figures, sentences and page of runs below `out`.

    The runs of `calibration` are only compared with published numbers.

    Raise InputError if a path is not that of a run or no record has a result, if the baseline or
    the measure is unknown, or if a file cannot be written.
    """
    measured, notes = gather([open_run(path) for path in runs])
    calibrated = gather([open_run(path) for path in calibration])[0] if calibration else []
    names = _file_names([each.title for each in measured])
    reports = [
        DatasetReport(each, name, baseline, measure)
        for each, name in zip(measured, names, strict=True)
    ]
    grown = find_growths(measured)
    growth_names = _file_names([f"{growth.kind}-growth" for growth in grown])
    growths = [GrowthReport(*pair) for pair in zip(grown, growth_names, strict=True)]
    ensure_writable(out, "choose another --out")
    files = read_published()
    published = reproduction_table(files, [*measured, *calibrated], "published")
    claims = claims_overview([each for file in files for each in file.claims.values()], measured)
    tables = [
        *(table for report in reports for table in report.tables),
        *(table for growth in growths for table in growth.tables),
        published,
    ]
    for table in tables:
        for suffix, form in FORMS.items():
            _write(out / "tables" / f"{table.name}{suffix}", form(table))
    _write(out / "tables" / "all.tex", document(tables))
    for report in reports:
        # The sizes of one kind of data are drawn together.
        if not any(growth.has(report.records) for growth in grown):
            draw(report, out / "figures")
    for growth in growths:
        draw_growth(growth, out / "figures")
    if growths:
        _write(out / "growth.md", growth_page(growths))
    page = out / "index.html"
    _write(page, render(content(reports, growths, claims, published, notes)))
    _write(out / "headline.md", headline(reports, growths))
    _write(out / "verdicts.json", _verdicts(reports, growths))
    return WrittenReport(
        page,
        {report.records.title: report.headlines for report in reports}
        | {each.growth.title: each.sentences for each in growths},
        [*notes, *(note for report in reports for note in report.notes)],
    )


def _file_names(titles: Sequence[str]) -> list[str]:
    """Return titles as parts of file names; equal ones are numbered."""
    names: list[str] = []
    for title in titles:
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", title).strip("-")
        taken = sum(name == plain or name.startswith(f"{plain}--") for name in names)
        names.append(f"{plain}--{taken + 1}" if taken else plain)
    return names


def _verdicts(reports: Sequence[DatasetReport], growths: Sequence[GrowthReport]) -> str:
    found: dict[str, Any] = {
        "format": FORMAT,
        "datasets": [
            machine_readable(each.records.title, each.rows, each.measure, each.findings)
            for each in reports
        ],
    }
    if growths:
        found["growths"] = [readable_growth(each.growth) for each in growths]
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def _write(path: Path, text: str) -> None:
    with new_file(path) as draft:
        draft.write_text(text, encoding="utf-8")
