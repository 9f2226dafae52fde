"""Collect everything the page shows as plain data, ready for JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from harness.report.dataset_report import DatasetReport
from harness.report.findings.sentences import lead_sentence, sentences_on_tests
from harness.report.growth_report import GrowthReport
from harness.report.page.budget_order import KINDS
from harness.report.page.curve_points import curve_points
from harness.report.page.growth_charts import growth_charts
from harness.report.page.origin import origin
from harness.report.page.preparation_table import preparation_table
from harness.report.page.query_results import MAX_NUMBERS, query_results
from harness.report.page.record_facts import record_facts
from harness.report.page.tree_leaves import MAX_TEXTS, tree_leaves
from harness.report.page.tree_loads import tree_loads
from harness.report.page.verdict_tables import best_baseline_table, joint_training_table
from harness.report.paper.table import field_name
from harness.report.paper.typeset import Table
from harness.report.rows.growth import Growth


def content(
    reports: Sequence[DatasetReport],
    growths: Sequence[GrowthReport],
    claims: Table | None,
    published: Table,
    notes: Sequence[str],
) -> dict[str, Any]:
    """Return the page's data.

    Args:
        reports: The reports of all datasets.
        growths: The kinds of data of which several sizes are among the datasets.
        claims: The table of what papers claim, asked of all datasets.
        published: The table of published numbers.
        notes: What a reader has to know about the whole report.
    """
    return {
        "datasets": _datasets(reports, [each.growth for each in growths]),
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
        "claims": _table_if_any(claims),
        "published": _table(published),
        "notes": list(notes),
    }


def _datasets(reports: Sequence[DatasetReport], growths: Sequence[Growth]) -> list[dict[str, Any]]:
    """Return the datasets' parts of the page.

    The trees of all sizes of one kind of data share the space that the tree of another dataset has.
    Such sizes are compared by cost, not query by query.
    """
    own = [next((each for each in growths if each.has(report.records)), None) for report in reports]
    alone = own.count(None)
    return [
        _dataset(
            report,
            None if growth else MAX_NUMBERS // alone,
            MAX_TEXTS // ((alone + len(growths)) * (len(growth.sizes) if growth else 1)),
        )
        for report, growth in zip(reports, own, strict=True)
    ]


def _dataset(report: DatasetReport, numbers: int | None, texts: int) -> dict[str, Any]:
    """Return a dataset's part of the page, with a note on everything that could not be shown.

    Args:
        report: The report of the dataset.
        numbers: The most numbers of its query results; None leaves them out.
        texts: The most texts in the leaves of its tree.
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
        "answer": report.findings.answer,
        "findings": [
            {"kind": kind, "sentences": own} for kind, own in report.findings.by_kind.items()
        ],
        "leads": {each.first.budget.label: lead_sentence(each) for each in report.leaders},
        "joint": _table_if_any(joint_training_table(report)),
        "closest": _table_if_any(best_baseline_table(report)),
        "tests": " ".join(each.text for each in sentences_on_tests(report.verdicts)),
        "tables": [_table(table) for table in report.tables],
        "preparation": _table(preparation_table(measured)),
        "curves": curve_points(measured),
        "records": record_facts(measured),
        "results": None
        if numbers is None
        else query_results(measured, report.measure, report.dataset, numbers),
        "tree": tree_leaves(report, texts),
        "loads": _table_if_any(tree_loads(measured)),
        "origin": origin(measured),
    }
    # The notes come last, because computing the other parts adds to them.
    return {**part, "notes": report.notes}


def _table_if_any(table: Table | None) -> dict[str, Any] | None:
    return None if table is None else _table(table)


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
