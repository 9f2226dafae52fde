"""Rows whose measure is the share that they find of what exact search finds."""

from collections.abc import Sequence
from dataclasses import replace

from harness.report.rows.summary import Row

OVERLAP = "overlap"


def overlap_rows(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that search vectors, with OVERLAP as the only measure, without a band.

    It is the share of the first ten documents of exact search over the same vectors.
    """
    return [
        replace(row, metrics={OVERLAP: row.overlap}, interval=(row.overlap.mean, row.overlap.mean))
        for row in rows
        if row.overlap is not None
    ]
