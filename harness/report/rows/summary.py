"""The records of a method at a budget, over its seeds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np

from harness.measure.budget import Budget
from harness.measure.significance import bootstrap_interval
from harness.report.labels import chosen, labels
from harness.report.numbers import Spread, spread
from harness.store.record import Record
from methods.errors import InputError

SEED = 0
"""Of every draw in a summary: the same records always print the same numbers."""
QueryValues = Mapping[str, float]
"""The value of a measure by query id."""


@dataclass(frozen=True)
class Row:
    """A method, with the settings that tell it from others in `label`, at a budget.

    Spreads are None for what was not measured. `spent`, `visited`, `macs` and `overlap` (with
    exact search's first ten) are as in a record. `per_query` holds the chosen measure's means
    over seeds, `interval` the 95 % bootstrap interval of their mean over queries. `chosen` are
    the values taken from a menu. `cells` are those of the records, in the order of `seeds`.
    """

    dataset: str
    method: str
    label: str
    budget: Budget
    seeds: tuple[int, ...]
    metrics: Mapping[str, Spread]
    spent: Spread | None
    macs: Spread | None
    latency_p50_ms: Spread | None
    interval: tuple[float, float]
    per_query: QueryValues
    chosen: str = ""
    visited: Spread | None = None
    queries_per_second: Spread | None = None
    overlap: Spread | None = None
    cells: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Where it was measured, in words."""
        return f"{self.dataset} at {self.budget.label}"


def summarise(records: Sequence[Record], per_query: Mapping[str, QueryValues]) -> list[Row]:
    """Return a row for every dataset, method with its settings and budget, in order.

    Records that are not ok count for nothing.

    Args:
        records: Of a run folder.
        per_query: The chosen measure's values, by cell.

    Raises:
        InputError: If two records have the same seed, or other queries.
    """
    named = labels(records)
    groups: dict[tuple[Any, ...], list[Record]] = {}
    for record in records:
        if record.status == "ok":
            key = (record.dataset, named[record.cell], record.budget)
            groups.setdefault(key, []).append(record)
    return [_row(named[group[0].cell], group, per_query) for group in groups.values()]


def _row(label: str, group: Sequence[Record], per_query: Mapping[str, QueryValues]) -> Row:
    first = group[0]
    _check_alike(group, per_query)
    means = {
        query: fmean(per_query[record.cell][query] for record in group)
        for query in per_query[first.cell]
    }
    results = [record.measured for record in group]
    metrics = [result.quality.metrics for result in results]
    shared = [name for name in metrics[0] if all(name in values for values in metrics)]
    return Row(
        dataset=first.dataset,
        method=first.method,
        label=label,
        budget=first.budget,
        seeds=tuple(record.seed for record in group),
        metrics={name: spread([values[name] for values in metrics]) for name in shared},
        spent=spread([result.spent for result in results]),
        macs=_spread(result.cost.macs for result in results),
        latency_p50_ms=spread([result.latency.search_ms.p50 for result in results]),
        interval=bootstrap_interval(np.array(list(means.values())), SEED),
        per_query=means,
        chosen=chosen(first),
        visited=spread([result.cost.visited for result in results]),
        queries_per_second=spread(
            [result.latency.throughput.queries_per_second for result in results]
        ),
        overlap=_spread(result.quality.overlap_exact_10 for result in results),
        cells=tuple(record.cell for record in group),
    )


def _check_alike(group: Sequence[Record], per_query: Mapping[str, QueryValues]) -> None:
    of_seed: dict[int, str] = {}
    for record in group:
        other = of_seed.setdefault(record.seed, record.cell)
        if other != record.cell:
            raise InputError(
                f"{other} and {record.cell} differ in data, encoder or device alone; "
                "move one of them out of the run folder's cells"
            )
        if per_query[record.cell].keys() != per_query[group[0].cell].keys():
            raise InputError(
                f"{group[0].cell} and {record.cell} were measured on different queries; "
                "move the older one out of the run folder's cells"
            )


def _spread(values: Iterable[float | None]) -> Spread | None:
    known = list(values)
    return None if None in known else spread([v for v in known if v is not None])
