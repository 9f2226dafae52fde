"""Costs that are in the records of a row's cells: the time to build an index, and its memory."""

from collections.abc import Callable

from harness.report.numbers import Spread, spread
from harness.report.rows.dataset_records import DatasetRecords
from harness.report.rows.frontier import Axis
from harness.report.rows.summary import Row
from harness.store.record import Result

MEBIBYTE = 2**20


def build_axes(measured: DatasetRecords) -> tuple[Axis, Axis]:
    """Return the axes of seconds to build an index, and of MiB that it takes once it is loaded."""
    results = {record.cell: record.measured for record in measured.ok}

    def of(value: Callable[[Result], float]) -> Callable[[Row], Spread | None]:
        def mean(row: Row) -> Spread | None:
            values = [value(results[cell]) for cell in row.cells]
            # A value of 0 was too small to be measured, and has no place on a logarithmic axis.
            return spread(values) if min(values) > 0 else None

        return mean

    return (
        Axis("build", "building the index", "s, without training", 1, of(_build_seconds)),
        Axis("memory", "memory of the loaded index", "MiB", 1 / MEBIBYTE, of(_loaded_bytes)),
    )


def _build_seconds(result: Result) -> float:
    return result.durations.build


def _loaded_bytes(result: Result) -> float:
    return float(result.memory.index_loaded)
