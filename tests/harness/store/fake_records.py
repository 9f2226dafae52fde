"""Records with values that a test chooses, and plausible values for all other fields."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from harness.measure.budget import Budget, BudgetKind, MeanCost
from harness.measure.timing import Percentiles
from harness.store.provenance import Provenance
from harness.store.quality import Quality
from harness.store.record import (
    Choice,
    Durations,
    Failure,
    Latency,
    Memory,
    Postings,
    Record,
    Result,
    Selection,
    Throughput,
    Training,
    Trial,
)

TRAINING = Training(
    trained_parts=("head",),
    encoder_updates=3600,
    seconds=30.0,
    refreshes=0,
    refresh_seconds=0.0,
    precision="fp32",
)
POSTINGS = Postings(leaves=8, largest=3, mean=1.0, largest_over_mean=3.0, entropy=0.9, dead=2)
BROKEN = Failure("RuntimeError", "it broke")


def milliseconds(median: float) -> Percentiles:
    """Return percentiles with this median; the 99th is twice as large."""
    return Percentiles(median, 1.5 * median, 2 * median, 100)


def make_record(
    method: str = "ivf",
    limit: float | None = 0.1,
    *,
    kind: BudgetKind = "visited",
    seed: int = 0,
    dataset: str = "d",
    cell: str | None = None,
    failure: Failure | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    depth: int = 100,
    selection: Selection | None = None,
    provenance: Mapping[str, Any] | None = None,
    **measured: Any,
) -> Record:
    """Return a record; `measured` sets fields of its result or of the result's parts."""
    return Record(
        cell=cell or f"{method}-{limit}-seed-{seed}",
        dataset=dataset,
        method=method,
        seed=seed,
        budget=Budget(kind, limit),
        depth=depth,
        settings=settings or {},
        selection=selection,
        provenance=Provenance(**(provenance or {})),
        result=None if failure else change_result(_result(limit or 1.0), **measured),
        failure=failure,
    )


def change(record: Record, **measured: Any) -> Record:
    """Return the record with some fields of its result or of the result's parts changed."""
    return replace(record, result=change_result(record.measured, **measured))


def slowed(record: Record, times: float) -> Record:
    """Return the record with every search taking `times` as long."""
    latency = record.measured.latency
    rounds = {**latency.rounds_ms, "search": [ms * times for ms in latency.rounds_ms["search"]]}
    return change(record, search_ms=milliseconds(latency.search_ms.p50 * times), rounds_ms=rounds)


def change_result(result: Result, **measured: Any) -> Result:
    """Return the result with some fields changed, given by their names at any depth."""
    for name in ("quality", "cost", "latency"):
        part = getattr(result, name)
        own = {field.name for field in fields(part)} & measured.keys()
        changed = replace(part, **{field: measured.pop(field) for field in own})
        result = replace(result, **{name: changed})
    return replace(result, **measured)


def make_selection(
    menu: Mapping[str, Sequence[Any]], seeds: Sequence[int], **values: Any
) -> Selection:
    """Return a selection of these values, with `__` for the dot of "section.key"."""
    named = {name.replace("__", "."): value for name, value in values.items()}
    trial = Trial(named, 0.5, (4,) * len(seeds))
    return Selection(menu, Choice("nDCG@10", seeds, (trial,)))


def _result(visited: float) -> Result:
    return Result(
        effort=4,
        spent=visited,
        next_spent=None,
        quality=Quality({"nDCG@10": 0.5}, None, 100, 0, None),
        cost=MeanCost(visited, visited, 0.1),
        latency=Latency(
            milliseconds(0.25), milliseconds(2.0), milliseconds(2.5), Throughput(1e4, 100, 3)
        ),
        durations=Durations(train=30.0, build=1.0, measure=2.0),
        memory=Memory(1, 2, 3, 4, 5),
        training=TRAINING,
    )
