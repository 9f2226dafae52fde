"""Pair the records of a baseline with those of a candidate, and say which cannot be compared."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.measure.budget import Budget
from harness.regression.measurements import Measurements
from harness.store.record import Record
from methods.errors import InputError, unknown

HARDWARE = ("processor", "cores", "device", "searched_on", "device_name", "memory_limit")
"""The fields of the provenance that times depend on; with a limit, lists are searched in a file."""


@dataclass(frozen=True)
class Pair:
    """A baseline record and the candidate's record of the same cell."""

    baseline: Record
    candidate: Record


@dataclass(frozen=True)
class Obstacle:
    """A cell of the baseline that cannot be compared with the candidate, and why."""

    record: Record
    reason: str


@dataclass(frozen=True)
class PairedCells:
    """The cells that get one verdict: a method with its settings at a budget, over seeds."""

    pairs: Sequence[Pair]  # of the seeds that are judged
    baseline: Sequence[Record]  # of all seeds, for the variation between training runs
    candidate: Sequence[Record]

    @property
    def first(self) -> Record:
        """A record that names the method, its settings and the budget."""
        return self.pairs[0].baseline


def pair_cells(
    baseline: Measurements, candidate: Measurements, seeds: Collection[int] = ()
) -> tuple[list[PairedCells], list[Obstacle]]:
    """Return the cells that can be judged, and an obstacle for every other cell of the baseline.

    Args:
        baseline: Defines the cells; its records that are not ok are ignored.
        candidate: Provides the records to judge. If it has a cell with several settings, the latest
            record counts, unless the baseline has several settings too.
        seeds: The seeds to judge; none means all.

    Raises:
        InputError: If the baseline has no finished cell, or lacks a seed.
    """
    expected = [record for record in baseline.records if record.status == "ok"]
    if not expected:
        raise InputError(f"{baseline.path} has no finished cell to compare with")
    for seed in seeds:
        if seed not in {record.seed for record in expected}:
            raise unknown("seed", str(seed), {str(record.seed) for record in expected})
    groups: dict[str, tuple[list[Pair], list[Record]]] = {}
    obstacles = []
    for record in expected:
        pairs, of_all_seeds = groups.setdefault(_setting_key(record), ([], []))
        of_all_seeds.append(record)
        if seeds and record.seed not in seeds:
            continue
        counterpart = _find_counterpart(record, expected, candidate.records)
        reason = _why_incomparable(record, counterpart, baseline, candidate)
        if counterpart is None or reason:
            obstacles.append(Obstacle(record, reason))
        else:
            pairs.append(Pair(record, counterpart))
    paired = [
        PairedCells(pairs, records, _with_equal_settings(pairs[0].candidate, candidate.records))
        for pairs, records in groups.values()
        if pairs
    ]
    return paired, obstacles


def cell_of(record: Record) -> tuple[str, str, int, Budget]:
    """Return what identifies a cell apart from its settings."""
    return record.dataset, record.method, record.seed, record.budget


def latest(records: Iterable[Record]) -> Record | None:
    """Return the record of the latest run, or None if there are no records."""
    return max(records, key=lambda record: record.provenance.time, default=None)


def hardware_changes(was: Record, now: Record) -> list[str]:
    """Return in words how the hardware of two records differs; an empty list if it does not."""
    before, after = (
        {name: getattr(record.provenance, name) for name in HARDWARE} for record in (was, now)
    )
    return _changes(before, after)


def _find_counterpart(
    record: Record, expected: Sequence[Record], candidates: Sequence[Record]
) -> Record | None:
    cell = cell_of(record)
    matches = [other for other in candidates if cell_of(other) == cell]
    same_depth = [other for other in matches if other.depth == record.depth]
    matches = same_depth or matches
    if sum(cell_of(other) == cell for other in expected) > 1:
        matches = [other for other in matches if _setting_key(other) == _setting_key(record)]
    return latest(matches)


def _why_incomparable(
    record: Record, counterpart: Record | None, baseline: Measurements, candidate: Measurements
) -> str:
    """Return why two records cannot be compared, or "" if they can."""
    if counterpart is None:
        return f"not measured in {candidate.path}"
    if counterpart.failure is not None:
        return f"{counterpart.status}: {counterpart.failure.reason}"
    was, now = record.provenance, counterpart.provenance
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
    if record.depth != counterpart.depth:
        return (
            f"different depth: the baseline's queries asked for {record.depth} documents, the "
            f"candidate's for {counterpart.depth}; run with --depth {record.depth}"
        )
    if changes := _changes(_flat_settings(record), _flat_settings(counterpart)):
        return f"different settings: {'; '.join(changes)}"
    if baseline.columns[record.cell]["query"] != candidate.columns[counterpart.cell]["query"]:
        return "different queries"
    return ""


def _flat_settings(record: Record) -> dict[str, Any]:
    """Return a record's settings by "section.key".

    The encoder's path is left out if its files have a checksum, which identifies it better.
    """
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


def _changes(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return [
        f"{name} was {was.get(name, 'unset')} and is {now.get(name, 'unset')}"
        for name in dict.fromkeys([*was, *now])
        if was.get(name, "unset") != now.get(name, "unset")
    ]


def _setting_key(record: Record) -> str:
    """Return what the cells that are judged together have in common, as a key."""
    budget = [record.budget.kind, record.budget.limit]
    place = record.provenance.searched_on
    settings = _flat_settings(record)
    identity = [record.dataset, record.method, budget, record.depth, place, settings]
    return json.dumps(identity, sort_keys=True)


def _with_equal_settings(record: Record, others: Iterable[Record]) -> list[Record]:
    key = _setting_key(record)
    return [other for other in others if other.status == "ok" and _setting_key(other) == key]
