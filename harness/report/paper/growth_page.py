"""Write growth.md: the costs at every size of one kind of data, in words, figures and tables."""

from collections.abc import Sequence

from harness.report.growth_report import GrowthReport
from harness.report.paper.picture import picture
from harness.report.paper.typeset import to_markdown
from harness.report.rows.frontier import AXES
from harness.report.rows.growth import Growth


def growth_page(reports: Sequence[GrowthReport]) -> str:
    """Return the text of growth.md, in Markdown."""
    lines = ["# Growth with the number of documents", ""]
    for report in reports:
        lines += [f"## {report.growth.title}", ""]
        lines += [*(f"- {sentence}" for sentence in report.sentences), ""]
        for axis in AXES:
            words = f"{report.growth.kind}: {axis.title}, by the number of documents"
            lines += [picture(f"figures/{report.name}-{axis.name}", words), ""]
        lines += [to_markdown(table) for table in report.tables]
        lines += [*_origin(report.growth), ""]
    return "\n".join(lines)


def _origin(growth: Growth) -> list[str]:
    """Return what made the records, and on what machine."""
    first = [measured.ok[0].provenance for measured in growth.sizes.values()]
    machines = dict.fromkeys(
        f"{each.processor}, {each.cores} cores, {each.memory_gib} GiB, {each.time[:10]}"
        for each in first
    )
    return [f"Measured on: {'; '.join(machines)}.", "", "```", *(p.command for p in first), "```"]
