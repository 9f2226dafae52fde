"""Write headline.md: the sentences about every dataset, and notes for those who read them."""

from collections.abc import Sequence

from harness.report.dataset_report import DatasetReport
from harness.report.growth_report import GrowthReport

HEADINGS = {
    "answer": "The answer",
    "by_how_much": "By how much",
    "how_sure": "How sure",
    "where_not": "Where it does not hold",
}
"""The headings of a dataset's sentences, by the field of `Findings`, in the order of reading."""


def headline(reports: Sequence[DatasetReport], growths: Sequence[GrowthReport]) -> str:
    """Return the text of headline.md, in Markdown."""
    lines = ["# What was found", ""]
    for report in reports:
        lines += [f"## {report.records.title}", ""]
        for field, heading in HEADINGS.items():
            sentences = getattr(report.findings, field)
            if sentences:
                lines += [f"### {heading}", "", *(f"- {each}" for each in sentences), ""]
        if report.notes:
            lines += ["### Notes", "", *(f"- {note}." for note in report.notes), ""]
        if (trials := report.trials) is not None:
            lines += [
                f"[How many combinations of settings each method tried](tables/{trials.name}.md).",
                "",
            ]
        if (edges := report.menu_edges) is not None:
            lines += [
                f"[Settings at the edge of their menus](tables/{edges.name}.md): for these a value "
                "beyond the menu may be better.",
                "",
            ]
        if (overspent := report.overspent) is not None:
            lines += [
                f"[What spends more than its budget](tables/{overspent.name}.md) on the test "
                "queries: comparisons there favour it.",
                "",
            ]
    for growth in growths:
        lines += [f"## {growth.growth.title}", ""]
        lines += [*(f"- {each}" for each in growth.sentences), ""]
        lines += ["[Figures and tables](growth.md).", ""]
    return "\n".join(lines)
