"""The table of how evenly documents are spread over the leaves of trees and over lists."""

from harness.report.labels import labels
from harness.report.page.preparation_table import value_range
from harness.report.paper.typeset import Column, Entry, Table
from harness.report.rows.dataset_records import DatasetRecords
from harness.store.record import Postings

HEADS = ("leaves or lists", "average", "largest", "largest / average", "empty")


def tree_loads(measured: DatasetRecords) -> Table | None:
    """Return one row per method and number of leaves or lists; None if no method has any."""
    named = labels(measured.records)
    loads: dict[tuple[str, int], list[Postings]] = {}
    for record in measured.ok:
        if (postings := record.measured.postings) is not None:
            loads.setdefault((named[record.cell], postings.leaves), []).append(postings)
    if not loads:
        return None
    return Table(
        f"{measured.dataset}-loads",
        f"{measured.title}: how evenly leaves and lists are filled",
        "Documents of the leaves of a tree, or of the lists of an inverted file, from the least to "
        "the most of all budgets and seeds. A query that is sent to the largest scans largest / "
        "average times as much as one that is sent to an average one.",
        [
            Column("method", numeric=False),
            *(Column(head) for head in HEADS),
        ],
        [
            [
                [
                    Entry(label),
                    Entry(f"{leaves:,}", leaves),
                    value_range([each.mean for each in own]),
                    value_range([each.largest for each in own]),
                    value_range([each.largest_over_mean for each in own]),
                    value_range([each.dead for each in own]),
                ]
                for (label, leaves), own in sorted(loads.items())
            ]
        ],
    )
