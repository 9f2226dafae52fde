"""Time cells in rounds: in each round, every cell and the reference workload take a turn.

Whatever slows the machine for a while then slows all of them, not only the cell whose turn it is.
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
from harness.tasks.search import SearchTask


@dataclass
class CellTimes:
    """The times of a cell's calls over all rounds, in nanoseconds."""

    searches: list[int] = field(default_factory=list)
    encode: list[int] = field(default_factory=list)
    end_to_end: list[int] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    rounds_ms: dict[str, list[float]] = field(default_factory=dict)  # median per round, by call
    batch: int = 0  # queries in a batch
    threads: dict[str, Any] = field(default_factory=dict)  # by library

    def latency(
        self,
        reference_ms: Mapping[str, float] | None,
        batch_threads: int,
        methods: Sequence[str],
    ) -> Latency:
        """Return these times as a record holds them.

        Args:
            reference_ms: The reference workload's times in the same rounds, by part.
            batch_threads: The number of threads that batches were searched on.
            methods: The methods that took turns.
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
    cells: Mapping[str, Worker[SearchTask]],
    reference: Worker[ReferenceWorkload],
    settings: TimingSettings,
    seed: int,
) -> tuple[dict[str, CellTimes | Failure], dict[str, float] | None]:
    """Return every cell's times or failure, and the times of the reference workload.

    Each round has its own random order. The reference times are medians over the rounds in
    milliseconds, by part, or None if its process died.
    """
    random = np.random.default_rng(seed)
    times: dict[str, CellTimes | Failure] = {name: CellTimes() for name in cells}
    references: list[Mapping[str, float]] = []
    share = settings.seconds / settings.rounds
    for _round in range(settings.rounds):
        reference_ms: Mapping[str, float] = {}
        with suppress(WorkerError):  # without a reference, the cells are timed all the same
            reference_ms = reference.ask(ReferenceWorkload.round)
            references.append(reference_ms)
        for name in random.permutation(list(cells)):
            cell_times = times[name]
            if isinstance(cell_times, CellTimes):
                try:
                    _take_turn(cells[name], cell_times, share, reference_ms)
                except WorkerError as error:
                    times[name] = error.failure
    return times, _medians(references)


def _take_turn(
    cell: Worker[SearchTask], times: CellTimes, seconds: float, reference: Mapping[str, float]
) -> None:
    searches = cell.ask(SearchTask.time_searches, len(times.searches), seconds)
    times.searches += searches
    for name, milliseconds in {"search": float(np.median(searches)) / 1e6, **reference}.items():
        times.rounds_ms.setdefault(name, []).append(milliseconds)
    end_to_end = cell.ask(SearchTask.time_end_to_end, len(times.end_to_end), seconds)
    times.encode += end_to_end.encode
    times.end_to_end += end_to_end.whole
    times.batch, batches = cell.ask(SearchTask.time_batches, seconds)
    times.batches += batches
    times.threads = cell.ask(SearchTask.threads)


def _medians(rounds: Sequence[Mapping[str, float]]) -> dict[str, float] | None:
    if not rounds:
        return None
    return {part: float(np.median([times[part] for times in rounds])) for part in rounds[0]}
