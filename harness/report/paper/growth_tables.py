"""Make the tables of costs at each size of one kind of data, with the exponents of growth."""

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean

from harness.report.findings.growing_costs import (
    FOUND_SHARES,
    GrowingCost,
    growing_costs,
    growth_exponent,
    per_query,
)
from harness.report.labels import labels
from harness.report.numbers import exponent
from harness.report.paper.typeset import Column, Entry, Table
from harness.report.rows.dataset_records import DatasetRecords
from harness.report.rows.frontier import AXES, Axis
from harness.report.rows.growth import Growth
from harness.store.record import Result

GIBIBYTE = 2**30
EXPONENT = "x"
BUILDING: Mapping[str, Callable[[Result], float]] = {
    "build, s": lambda result: result.durations.build,
    "peak, GiB": lambda result: result.memory.build_peak / GIBIBYTE,
    "index on disk, GiB": lambda result: result.memory.index_disk / GIBIBYTE,
}
EXPLAINED = "x is that of cost ~ documents^x, by least squares through the logarithms."


def growth_tables(growth: Growth, name: str) -> list[Table]:
    """Return a table for each cost of a search, and one of what it takes to build the indexes.

    Their names begin with `name`. A table without a row is left out.
    """
    tables = [*(_cost_table(growth, axis, name) for axis in AXES), _building_table(growth, name)]
    return [table for table in tables if table.rows]


def _cost_table(growth: Growth, axis: Axis, name: str) -> Table:
    by_share = {share: growing_costs(growth, axis, share) for share in FOUND_SHARES}
    known = [
        {entry.label: entry for entry in costs if entry.reached} for costs in by_share.values()
    ]
    title = f"{axis.title} ({per_query(axis, growth.largest).unit})"
    return Table(
        f"{name}-{axis.name}",
        f"{growth.kind}: {title}, by the number of documents in the corpus",
        "What a query costs with which a method finds 90 or 95 % of the ten documents that exact "
        "search finds, interpolated linearly between two neighbours on its Pareto front. "
        f"{EXPLAINED} {_seeds(growth)} ≤: its cheapest point finds more. "
        "-: no measured point finds as much. Empty: not measured.",
        [Column("method", numeric=False), *_columns(growth, [_percent(s) for s in FOUND_SHARES])],
        [
            [
                [
                    Entry(label),
                    *(entry for of_share in known for entry in _entries(growth, of_share[label])),
                ]
                for label in known[0]
            ]
        ],
    )


def _columns(growth: Growth, groups: Sequence[str]) -> list[Column]:
    heads = [*(f"{documents:,}" for documents in growth.sizes), EXPONENT]
    return [Column(head, group) for group in groups for head in heads]


def _entries(growth: Growth, cost: GrowingCost) -> list[Entry]:
    return [
        *(_reached(cost, documents) for documents in growth.sizes),
        Entry(exponent(cost.exponent), cost.exponent),
    ]


def _reached(cost: GrowingCost, documents: int) -> Entry:
    if documents not in cost.reached:
        return Entry()
    reach = cost.reached[documents]
    if reach.cost is None:
        return Entry("-")
    return Entry(f"{'≤ ' if reach.at_most else ''}{amount(reach.cost)}", reach.cost)


def _building_table(growth: Growth, name: str) -> Table:
    by_size = {documents: _built(measured) for documents, measured in growth.sizes.items()}
    found = dict.fromkeys(label for built in by_size.values() for label in built)
    return Table(
        f"{name}-building",
        f"{growth.kind}: building the indexes, by the number of documents in the corpus",
        "Seconds on all cores, without training; the peak memory of the process that builds, with "
        "the vectors that it maps into memory; and the index on disk, with the vectors that a "
        f"search reads. Means over all cells of a method. {EXPLAINED}",
        [Column("method", numeric=False), *_columns(growth, list(BUILDING))],
        [
            [
                [
                    Entry(label),
                    *(
                        entry
                        for read in BUILDING.values()
                        for entry in _measured(growth, by_size, label, read)
                    ),
                ]
                for label in found
            ]
        ],
    )


def _built(measured: DatasetRecords) -> dict[str, list[Result]]:
    """Return the results by label."""
    named = labels(measured.records)
    results: dict[str, list[Result]] = {}
    for record in measured.ok:
        results.setdefault(named[record.cell], []).append(record.measured)
    return results


def _measured(
    growth: Growth,
    by_size: Mapping[int, Mapping[str, Sequence[Result]]],
    label: str,
    read: Callable[[Result], float],
) -> list[Entry]:
    """Return a value of a method at each size, and its exponent."""
    values = {
        documents: fmean(map(read, built[label]))
        for documents, built in by_size.items()
        if label in built
    }
    grown = growth_exponent(values)
    return [
        *(
            Entry(f"{values[each]:.2f}", values[each]) if each in values else Entry()
            for each in growth.sizes
        ),
        Entry(exponent(grown), grown),
    ]


def amount(cost: float) -> str:
    """Return a cost with three digits, or all digits before the point: 0.0612, 4.51, 19,412."""
    return f"{cost:,.0f}" if cost >= 100 else f"{cost:.3g}"


def _percent(share: float) -> str:
    return f"{100 * share:g} %"


def _seeds(growth: Growth) -> str:
    counts = {len(r.seeds) for m in growth.sizes.values() for r in m.rows(m.measures[0])}
    return "One seed." if counts == {1} else f"Means over up to {max(counts)} seeds."
