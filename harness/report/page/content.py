"""Collect everything the page shows as plain data, ready for JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from harness.report.dataset_report import DatasetReport
from harness.report.page.curve_points import curve_points
from harness.report.page.origin import origin
from harness.report.page.query_results import query_results
from harness.report.paper.typeset import Table
from harness.report.rows.tree import Leaf


def content(
    reports: Sequence[DatasetReport], published: Table, notes: Sequence[str]
) -> dict[str, Any]:
    """Return the page's data: the datasets' reports, the published numbers and the notes."""
    return {
        "datasets": [_dataset(report) for report in reports],
        "published": _table(published),
        "notes": list(notes),
    }


def _dataset(report: DatasetReport) -> dict[str, Any]:
    """Return a dataset's part of the page, with a note on everything that could not be shown."""
    measured = report.records
    first = measured.ok[0]
    part = {
        "name": measured.title,
        "source": first.provenance.dataset_source,
        "measure": report.measure,
        "baseline": report.baseline,
        "queries": first.measured.quality.queries,
        "headlines": report.headlines,
        "tables": [_table(table) for table in report.tables],
        "curves": curve_points(measured),
        "results": query_results(measured, report.measure, report.dataset),
        "tree": None if report.tree is None else [_leaf(leaf) for leaf in report.tree],
        "origin": origin(measured),
    }
    # The notes come last, because computing the other parts adds to them.
    return {**part, "notes": report.notes}


def _leaf(leaf: Leaf) -> list[Any]:
    name, share = leaf.ancestor or (None, None)
    return [leaf.number, leaf.size, " ".join(leaf.words), name, share and round(share, 3)]


def _table(table: Table) -> dict[str, Any]:
    return {
        "title": table.title,
        "caption": table.caption,
        "columns": [asdict(column) for column in table.columns],
        "sections": [
            [
                [
                    {
                        "text": cell.value,
                        "sort": cell.text if cell.number is None else round(cell.number, 6),
                        "spread": cell.spread,
                        "bold": cell.bold,
                        "mark": cell.mark,
                        "code": cell.code,
                    }
                    for cell in row
                ]
                for row in section
            ]
            for section in table.sections
        ],
    }
