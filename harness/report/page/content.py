"""Collect everything the page shows as plain data, ready for JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from harness.report.dataset_report import DatasetReport
from harness.report.growth_report import GrowthReport
from harness.report.page.budget_order import KINDS
from harness.report.page.curve_points import curve_points
from harness.report.page.growth_charts import growth_charts
from harness.report.page.origin import origin
from harness.report.page.preparation_table import preparation_table
from harness.report.page.query_results import MAX_NUMBERS, query_results
from harness.report.page.record_facts import record_facts
from harness.report.page.tree_leaves import MAX_TEXTS, tree_leaves
from harness.report.paper.table import field_name
from harness.report.paper.typeset import Table
from harness.report.rows.growth import Growth


def content(
    reports: Sequence[DatasetReport],
    growths: Sequence[GrowthReport],
    published: Table,
    notes: Sequence[str],
) -> dict[str, Any]:
    """Return the page's data.

    Args:
        reports: The reports of all datasets.
        growths: The kinds of data of which several sizes are among the datasets.
        published: The table of published numbers.
        notes: What a reader has to know of the whole report.
    """
    return {
        "datasets": [
            _dataset(report, _shares(report, len(reports), [each.growth for each in growths]))
            for report in reports
        ],
        "growths": [
            {
                "title": each.growth.title,
                "sentences": each.sentences,
                "charts": growth_charts(each.growth),
                "documents": list(each.growth.sizes),
                "datasets": [measured.title for measured in each.growth.sizes.values()],
                "tables": [_table(table) for table in each.tables],
            }
            for each in growths
        ],
        "published": _table(published),
        "notes": list(notes),
    }


def _shares(report: DatasetReport, datasets: int, growths: Sequence[Growth]) -> int:
    """Return how many datasets share the page's size, each with as much of it as this one.

    All sizes of one kind of data have as much together as another dataset.
    """
    shares = datasets - sum(len(growth.sizes) - 1 for growth in growths)
    own = [len(growth.sizes) for growth in growths if growth.has(report.records)]
    return shares * (own[0] if own else 1)


def _dataset(report: DatasetReport, shares: int) -> dict[str, Any]:
    """Return a dataset's part of the page, with a note on everything that could not be shown.

    It may take up one part in `shares` of the page.
    """
    measured = report.records
    first = measured.ok[0]
    kinds = {row.budget.kind for row in report.rows if not row.budget.unlimited}
    part = {
        "name": measured.title,
        "source": first.provenance.dataset_source,
        "documents": None if report.dataset is None else len(report.dataset.corpus),
        "queries": first.measured.quality.queries,
        "seeds": sorted({record.seed for record in measured.ok}),
        "measure": report.measure,
        "field_names": {measure: field_name(measure) for measure in measured.measures},
        "kinds": [kind for kind in KINDS if kind in kinds],
        "baseline": report.baseline,
        "headlines": report.headlines,
        "tables": [_table(table) for table in report.tables],
        "preparation": _table(preparation_table(measured)),
        "curves": curve_points(measured),
        "records": record_facts(measured),
        "results": query_results(measured, report.measure, report.dataset, MAX_NUMBERS // shares),
        "tree": tree_leaves(report, MAX_TEXTS // shares),
        "origin": origin(measured),
    }
    # The notes come last, because computing the other parts adds to them.
    return {**part, "notes": report.notes}


def _table(table: Table) -> dict[str, Any]:
    return {
        "title": table.title,
        "caption": table.caption,
        "kind": table.kind,
        "measure": table.measure,
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
