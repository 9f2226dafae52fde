"""Timing in rounds: every cell of a group takes its turn, and the reference workload with them.

What slows the machine for a while then slows all of them, and not the one that was due.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness.config import TimingSettings
from harness.measure.reference_workload import ReferenceWorkload
from harness.measure.timing import Percentiles
from harness.run.workers import Worker, WorkerError
from harness.store.record import Failure, Latency, Throughput
from harness.tasks.search import Measuring


@dataclass
class CellTimes:
    """The nanoseconds of a cell's calls, over all rounds, and what its process used for them."""

    searches: list[int] = field(default_factory=list)
    encode: list[int] = field(default_factory=list)
    end_to_end: list[int] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    rounds_ms: dict[str, list[float]] = field(default_factory=dict)
    batch: int = 0
    threads: dict[str, Any] = field(default_factory=dict)

    def latency(
        self,
        reference_ms: Mapping[str, float] | None,
        batch_threads: int,
        methods: Sequence[str],
    ) -> Latency:
        """Return what a record says of these times.

        Args:
            reference_ms: The times of the reference workload in the same rounds.
            batch_threads: How many threads batches were searched on.
            methods: Those that took turns.
        """
        seconds = float(np.median(self.batches)) / 1e9
        return Latency(
            search_ms=Percentiles.of(self.searches),
            encode_ms=Percentiles.of(self.encode),
            end_to_end_ms=Percentiles.of(self.end_to_end),
            throughput=Throughput(self.batch / seconds, self.batch, len(self.batches)),
            reference_ms=reference_ms,
            rounds_ms=self.rounds_ms,
            threads=self.threads,
            batch_threads=batch_threads,
            methods=methods,
        )


def time_in_rounds(
    cells: Mapping[str, Worker[Measuring]],
    reference: Worker[ReferenceWorkload],
    settings: TimingSettings,
    seed: int,
) -> tuple[dict[str, CellTimes | Failure], dict[str, float] | None]:
    """Return the times of every cell, or why it has none, and those of the reference workload.

    The order within a round is drawn anew for each. The reference times are the median of the
    rounds, in milliseconds, None where its process died.
    """
    random = np.random.default_rng(seed)
    times: dict[str, CellTimes | Failure] = {name: CellTimes() for name in cells}
    references: list[Mapping[str, float]] = []
    share = settings.seconds / settings.rounds
    for _round in range(settings.rounds):
        taken: Mapping[str, float] = {}
        with suppress(WorkerError):  # the cells are timed without it all the same
            taken = reference.ask(ReferenceWorkload.round)
            references.append(taken)
        for name in random.permutation(list(cells)):
            gathered = times[name]
            if isinstance(gathered, CellTimes):
                try:
                    _take_turn(cells[name], gathered, share, taken)
                except WorkerError as error:
                    times[name] = error.failure
    return times, _medians(references)


def _take_turn(
    cell: Worker[Measuring], times: CellTimes, seconds: float, reference: Mapping[str, float]
) -> None:
    searches = cell.ask(Measuring.time_searches, len(times.searches), seconds)
    times.searches += searches
    for name, milliseconds in {"search": float(np.median(searches)) / 1e6, **reference}.items():
        times.rounds_ms.setdefault(name, []).append(milliseconds)
    end_to_end = cell.ask(Measuring.time_end_to_end, len(times.end_to_end), seconds)
    times.encode += end_to_end.encode
    times.end_to_end += end_to_end.whole
    times.batch, batches = cell.ask(Measuring.time_batches, seconds)
    times.batches += batches
    times.threads = cell.ask(Measuring.threads)


def _medians(rounds: Sequence[Mapping[str, float]]) -> dict[str, float] | None:
    if not rounds:
        return None
    return {name: float(np.median([taken[name] for taken in rounds])) for name in rounds[0]}
