"""Summarise the records of each method and budget over their seeds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from statistics import fmean
from typing import Any

import numpy as np

from harness.measure.budget import Budget
from harness.measure.quality import DEFAULT_DEPTH
from harness.measure.significance import bootstrap_interval
from harness.report.labels import format_chosen, labels
from harness.report.numbers import Spread, spread
from harness.store.quality import PARTS, Part
from harness.store.record import Record
from methods.errors import InputError

RANDOM_SEED = 0
"""Fixes every draw of a summary, so that the same records always print the same numbers."""
QueryValues = Mapping[str, float]
"""The values of a measure, by query id."""


@dataclass(frozen=True)
class Row:
    """A method at a budget, over its seeds. A spread is None if it was not measured."""

    dataset: str
    method: str
    label: str  # the method, with the settings that distinguish it from others
    budget: Budget
    seeds: tuple[int, ...]
    metrics: Mapping[str, Spread]
    spent: Spread | None  # what the budget limits
    macs: Spread | None  # fraction of a full scan, routing included
    latency_p50_ms: Spread | None
    interval: tuple[float, float]  # 95 % bootstrap interval over queries of the mean of `per_query`
    per_seed: Mapping[int, QueryValues]  # of one measure, by seed
    chosen: str = ""  # the values that were selected from a menu
    tuned: float | None = None  # the mean quality of these values on the tuning queries
    visited: Spread | None = None  # documents scored, as a fraction of the corpus
    queries_per_second: Spread | None = None
    overlap: Spread | None = None  # with the first ten documents of exact search
    cells: tuple[str, ...] = ()  # of the records, in the order of `seeds`
    depth: int = DEFAULT_DEPTH  # documents that a query asked for
    parts: Mapping[Part, Mapping[str, Spread]] = field(default_factory=dict)  # `metrics` of each
    part_counts: Mapping[Part, int] = field(default_factory=dict)  # queries of each

    @cached_property
    def per_query(self) -> QueryValues:
        """The values of the measure by query id, as means over seeds."""
        return _mean_over_seeds(list(self.per_seed.values()))

    @property
    def dataset_and_budget(self) -> str:
        """The dataset and the budget in words: hpo at 10 %."""
        return f"{self.dataset} at {self.budget.label}"

    def part_mean(self, part: Part, measure: str) -> float | None:
        """Return the mean of a measure over a part of the queries; None if the part is empty."""
        spread = self.parts.get(part, {}).get(measure)
        return None if spread is None else spread.mean


def shown_parts(rows: Iterable[Row]) -> list[Part]:
    """Return the parts that contain some but not all of the queries of at least one row."""
    counted = [(row.part_counts, len(row.per_query)) for row in rows]
    return [
        part for part in PARTS if any(0 < counts.get(part, 0) < every for counts, every in counted)
    ]


def summarise(records: Sequence[Record], per_query: Mapping[str, QueryValues]) -> list[Row]:
    """Return one row per dataset, method with its settings, and budget, in order.

    Records that are not ok are ignored.

    Args:
        records: The records of a run folder.
        per_query: The values of one measure, by cell.

    Raises:
        InputError: If two records of a row have the same seed, or different queries.
    """
    label_of = labels(records)
    groups: dict[tuple[Any, ...], list[Record]] = {}
    for record in records:
        if record.status == "ok":
            key = (record.dataset, label_of[record.cell], record.budget)
            groups.setdefault(key, []).append(record)
    return [_row(label_of[group[0].cell], group, per_query) for group in groups.values()]


def _row(label: str, group: Sequence[Record], per_query: Mapping[str, QueryValues]) -> Row:
    first = group[0]
    _check_group(group, per_query)
    per_seed = {record.seed: per_query[record.cell] for record in group}
    means = _mean_over_seeds(list(per_seed.values()))
    results = [record.measured for record in group]
    qualities = [result.quality for result in results]
    return Row(
        dataset=first.dataset,
        method=first.method,
        label=label,
        budget=first.budget,
        seeds=tuple(record.seed for record in group),
        metrics=_spreads([quality.metrics for quality in qualities]),
        spent=_spread(result.spent for result in results),
        macs=_spread(result.cost.macs for result in results),
        latency_p50_ms=spread([result.latency.search_ms.p50 for result in results]),
        interval=bootstrap_interval(np.array(list(means.values())), RANDOM_SEED),
        per_seed=per_seed,
        chosen=format_chosen(first),
        tuned=_tuned_quality(first),
        visited=spread([result.cost.visited for result in results]),
        queries_per_second=spread(
            [result.latency.throughput.queries_per_second for result in results]
        ),
        overlap=_spread(result.quality.overlap_exact_10 for result in results),
        cells=tuple(record.cell for record in group),
        depth=first.depth,
        parts={part: _spreads([q.part(part) for q in qualities]) for part in PARTS},
        part_counts={part: qualities[0].count(part) for part in PARTS},
    )


def _tuned_quality(record: Record) -> float | None:
    best = None if record.selection is None else record.selection.choice.best
    return None if best is None else best.quality


def _mean_over_seeds(per_seed: Sequence[QueryValues]) -> QueryValues:
    return {query: fmean(values[query] for values in per_seed) for query in per_seed[0]}


def _check_group(group: Sequence[Record], per_query: Mapping[str, QueryValues]) -> None:
    cell_of_seed: dict[int, str] = {}
    for record in group:
        other = cell_of_seed.setdefault(record.seed, record.cell)
        if other != record.cell:
            raise InputError(
                f"{other} and {record.cell} differ only in data, encoder or device; "
                "move one of them out of the folder cells/ of the run"
            )
        if per_query[record.cell].keys() != per_query[group[0].cell].keys():
            raise InputError(
                f"{group[0].cell} and {record.cell} were measured on different queries; "
                "move the older one out of the folder cells/ of the run"
            )


def _spreads(metrics: Sequence[Mapping[str, float]]) -> dict[str, Spread]:
    """Return the spread over seeds of every measure that all seeds have."""
    shared = [name for name in metrics[0] if all(name in values for values in metrics)]
    return {name: spread([values[name] for values in metrics]) for name in shared}


def _spread(values: Iterable[float | None]) -> Spread | None:
    known = list(values)
    return None if None in known else spread([v for v in known if v is not None])
