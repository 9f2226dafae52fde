"""The table of what every method costs before its first query: training, building, memory."""

from collections.abc import Callable, Sequence

from harness.report.labels import labels
from harness.report.page.record_facts import MIB
from harness.report.paper.typeset import Column, Entry, Table
from harness.report.rows.dataset_records import DatasetRecords
from harness.store.record import Result

INDEX = "index, MiB"
COLUMNS: dict[Column, Callable[[Result], float]] = {
    Column("training, s"): lambda r: r.durations.train,
    Column("updates"): lambda r: r.training.encoder_updates if r.training else 0,
    Column("building, s"): lambda r: r.durations.build,
    Column("in memory", INDEX): lambda r: r.memory.index_memory / MIB,
    Column("on disk", INDEX): lambda r: r.memory.index_disk / MIB,
}


def preparation_table(measured: DatasetRecords) -> Table:
    """Return one row per method and its settings, from its cheapest to its dearest record."""
    named = labels(measured.records)
    results: dict[str, list[Result]] = {}
    for record in measured.ok:
        results.setdefault(named[record.cell], []).append(record.measured)
    return Table(
        f"{measured.dataset}-preparation",
        f"{measured.title}: what it costs to train and to build",
        "From the smallest to the largest of all budgets and seeds. Times are of one training and "
        "of one index: those that a menu tried besides are not in them, and methods with the same "
        "training share it. Sorted by the larger number.",
        [Column("method", numeric=False), *COLUMNS],
        [
            [
                [
                    Entry(label),
                    *(value_range([read(result) for result in own]) for read in COLUMNS.values()),
                ]
                for label, own in results.items()
            ]
        ],
    )


def value_range(values: Sequence[float]) -> Entry:
    """Return a cell with the least and the largest value, sorted by the larger one."""
    low, high = (f"{value:,.1f}".removesuffix(".0") for value in (min(values), max(values)))
    return Entry(low if low == high else f"{low} to {high}", number=max(values))
