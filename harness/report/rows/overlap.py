"""Rows whose measure is the share of exact search's results that they find."""

from collections.abc import Sequence
from dataclasses import replace

from harness.report.rows.summary import Row

OVERLAP = "overlap"


def overlap_rows(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that search vectors, with OVERLAP as the only measure, without a band.

    OVERLAP is the share of the first ten documents of exact search over the same vectors that are
    found.
    """
    return [
        replace(row, metrics={OVERLAP: row.overlap}, interval=(row.overlap.mean, row.overlap.mean))
        for row in rows
        if row.overlap is not None
    ]
