"""What `ehibench report` does, from its options to the files of a report."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.report.dataset_report import DatasetReport
from harness.report.figures.draw import draw
from harness.report.page.content import content
from harness.report.page.render import render
from harness.report.paper.latex import document, to_latex
from harness.report.paper.reproduction import reproduction_table
from harness.report.paper.typeset import Table, to_csv, to_markdown
from harness.report.rows.dataset_records import DatasetRecords, gather
from harness.report.rows.published import read_published
from harness.store.run_folder import RunFolder, ensure_writable
from methods.atomic_files import new_file

FORMS: dict[str, Callable[[Table], str]] = {
    ".md": to_markdown,
    ".tex": to_latex,
    ".csv": to_csv,
}


@dataclass(frozen=True)
class ReportOptions:
    """The options of `ehibench report` as they were given."""

    folders: Sequence[Path]
    out: Path
    baseline: str | None
    measure: str | None


@dataclass(frozen=True)
class Written:
    """The page that was written, its sentences by dataset, and what was left out and why."""

    page: Path
    headlines: Mapping[str, Sequence[str]]
    notes: Sequence[str]


def write_report(options: ReportOptions) -> Written:
    """Write tables, figures, sentences and the page of what the run folders hold.

    Raise InputError where a folder is no run folder, nothing was measured, the baseline or the
    measure is unknown, or nothing can be written.
    """
    measured, notes = gather([RunFolder(folder) for folder in options.folders])
    numbers = read_published()
    names = _file_names(measured)
    reports = [
        DatasetReport(each, name, options.baseline, options.measure)
        for each, name in zip(measured, names, strict=True)
    ]
    ensure_writable(options.out, "choose another --out")
    published = reproduction_table(numbers, measured, "published")
    tables = [*(table for report in reports for table in report.tables), published]
    for table in tables:
        for suffix, form in FORMS.items():
            _write(options.out / "tables" / f"{table.name}{suffix}", form(table))
    _write(options.out / "tables" / "all.tex", document(tables))
    for report in reports:
        draw(report, options.out / "figures")
    page = options.out / "index.html"
    _write(page, render(content(reports, published, notes)))
    _write(options.out / "headline.md", _sentences(reports))
    return Written(
        page,
        {report.records.dataset: report.headlines for report in reports},
        [*notes, *(note for report in reports for note in report.notes)],
    )


def _file_names(measured: Sequence[DatasetRecords]) -> list[str]:
    """Return a dataset's name as a file has it; two that become alike are numbered."""
    names: list[str] = []
    for each in measured:
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", each.dataset).strip("-")
        taken = sum(name == plain or name.startswith(f"{plain}--") for name in names)
        names.append(f"{plain}--{taken + 1}" if taken else plain)
    return names


def _sentences(reports: Sequence[DatasetReport]) -> str:
    parts = []
    for report in reports:
        parts += [f"## {report.records.dataset}", ""]
        parts += [f"- {sentence}" for sentence in report.headlines]
        parts += [f"- Note: {note}." for note in report.notes] + [""]
    return "\n".join(["# What was found", "", *parts])


def _write(path: Path, text: str) -> None:
    with new_file(path) as draft:
        draft.write_text(text, encoding="utf-8")
