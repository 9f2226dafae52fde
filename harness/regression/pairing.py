"""Which record of the candidate stands against which of the baseline, and what forbids it."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.measure.budget import Budget
from harness.regression.baseline import Measurements
from harness.store.record import Record
from methods.errors import InputError, unknown

HARDWARE = ("processor", "cores", "device", "device_name")


@dataclass(frozen=True)
class Pair:
    """A record of the baseline and that of the candidate for the same cell."""

    baseline: Record
    candidate: Record


@dataclass(frozen=True)
class Obstacle:
    """A cell of the baseline that the candidate cannot be compared in, and why."""

    record: Record
    reason: str


@dataclass(frozen=True)
class PairedCells:
    """A method with its settings at a budget: what is judged, over its seeds.

    `pairs` are the seeds that are judged. `baseline` and `candidate` have all that was measured
    there, for the spread over seeds.
    """

    pairs: Sequence[Pair]
    baseline: Sequence[Record]
    candidate: Sequence[Record]

    @property
    def first(self) -> Record:
        """A record that says which place it is."""
        return self.pairs[0].baseline


def pair_cells(
    baseline: Measurements, candidate: Measurements, seeds: Collection[int] = ()
) -> tuple[list[PairedCells], list[Obstacle]]:
    """Return the places that can be judged, and an obstacle for every other cell.

    Args:
        baseline: What every cell is asked of; records that are not ok ask for nothing.
        candidate: Where they are looked for; of a cell measured with several settings the
            latest counts, unless the baseline has several too.
        seeds: Those that are judged; none means all.

    Raises:
        InputError: If the baseline has no finished cell, or lacks a seed.
    """
    asked = [record for record in baseline.records if record.status == "ok"]
    if not asked:
        raise InputError(f"{baseline.place} has no finished cell to compare with")
    for seed in seeds:
        if seed not in {record.seed for record in asked}:
            raise unknown("seed", str(seed), {str(record.seed) for record in asked})
    places: dict[str, tuple[list[Pair], list[Record]]] = {}
    obstacles = []
    for record in asked:
        pairs, known = places.setdefault(_place(record), ([], []))
        known.append(record)
        if seeds and record.seed not in seeds:
            continue
        found = _counterpart(record, asked, candidate.records)
        reason = _forbidden(record, found, baseline, candidate)
        if found is None or reason:
            obstacles.append(Obstacle(record, reason))
        else:
            pairs.append(Pair(record, found))
    judged = [
        PairedCells(pairs, known, _alike(pairs[0].candidate, candidate.records))
        for pairs, known in places.values()
        if pairs
    ]
    return judged, obstacles


def cell_of(record: Record) -> tuple[str, str, int, Budget]:
    """Return what a cell is known by, its settings apart."""
    return record.dataset, record.method, record.seed, record.budget


def latest(records: Iterable[Record]) -> Record | None:
    """Return the record of the latest run, None of none."""
    return max(records, key=lambda record: record.provenance.time, default=None)


def hardware(record: Record) -> dict[str, Any]:
    """Return what times depend on, as far as the record has it."""
    return {name: getattr(record.provenance, name) for name in HARDWARE}


def _counterpart(
    record: Record, asked: Sequence[Record], candidates: Sequence[Record]
) -> Record | None:
    cell = cell_of(record)
    found = [other for other in candidates if cell_of(other) == cell]
    if sum(cell_of(other) == cell for other in asked) > 1:
        found = [other for other in found if _place(other) == _place(record)]
    return latest(found)


def _forbidden(
    record: Record, found: Record | None, baseline: Measurements, candidate: Measurements
) -> str:
    """Return why two records cannot be compared, or nothing."""
    if found is None:
        return f"not measured in {candidate.place}"
    if found.failure is not None:
        return f"{found.status}: {found.failure.reason}"
    was, now = record.provenance, found.provenance
    if was.dataset_sha256 != now.dataset_sha256:
        return (
            "different data: the dataset checksum changed from "
            f"{was.dataset_sha256[:12]} to {now.dataset_sha256[:12]}"
        )
    if was.encoder_sha256 != now.encoder_sha256:
        return (
            "different encoder: the checksum of its files changed from "
            f"{was.encoder_sha256[:12]} to {now.encoder_sha256[:12]}"
        )
    if changed := _changed(_settings(record), _settings(found)):
        return f"other settings: {'; '.join(changed)}"
    if baseline.columns[record.cell]["query"] != candidate.columns[found.cell]["query"]:
        return "other queries"
    return ""


def _settings(record: Record) -> dict[str, Any]:
    """Return a record's settings, flat. An encoder known by its files is not known by its path."""
    sections: Mapping[str, Mapping[str, Any]] = {
        **record.settings,
        "timing": record.provenance.timing,
    }
    flat = {
        f"{name}.{key}": value for name, keys in sections.items() for key, value in keys.items()
    }
    if record.provenance.encoder_sha256:
        flat.pop("encoder.name", None)
    return flat


def _changed(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return [
        f"{name} was {was.get(name, 'unset')} and is {now.get(name, 'unset')}"
        for name in dict.fromkeys([*was, *now])
        if was.get(name, "unset") != now.get(name, "unset")
    ]


def _place(record: Record) -> str:
    budget = [record.budget.kind, record.budget.limit]
    identity = [record.dataset, record.method, budget, _settings(record)]
    return json.dumps(identity, sort_keys=True)


def _alike(record: Record, others: Iterable[Record]) -> list[Record]:
    place = _place(record)
    return [other for other in others if other.status == "ok" and _place(other) == place]
