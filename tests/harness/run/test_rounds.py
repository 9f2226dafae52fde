"""Methods take turns, and a method that fails in a round does not stop the others."""

import os
import signal
from functools import partial

from harness.config import TimingSettings
from harness.measure.reference_workload import ReferenceWorkload
from harness.measure.timing import EndToEnd
from harness.run.rounds import CellTimes, time_in_rounds
from harness.run.workers import Worker, start_server
from harness.store.record import Failure, Throughput
from methods.base import ProgressBar, no_progress


class Search:
    """Replaces SearchTask; each of its searches takes `milliseconds`."""

    def __init__(self, milliseconds: int, rounds_alive: int, progress: ProgressBar) -> None:
        self.nanoseconds = int(milliseconds * 1e6)
        self.alive = rounds_alive

    def time_searches(self, start: int, seconds: float) -> list[int]:
        if not self.alive:
            os.kill(os.getpid(), signal.SIGKILL)
        self.alive -= 1
        return [self.nanoseconds + start + i for i in range(3)]

    def time_end_to_end(self, start: int, seconds: float) -> EndToEnd:
        return EndToEnd([5_000_000], [5_000_000 + self.nanoseconds])

    def threads(self) -> dict[str, int]:
        return {"torch": 1}

    def time_batches(self, seconds: float) -> tuple[int, list[int]]:
        return 100, [int(100 * self.nanoseconds / 2)]


def test_times_add_up_over_rounds_and_a_death_fails_one_cell(monkeypatch):
    start_server()
    monkeypatch.setattr("harness.run.rounds.SearchTask", Search)

    def worker(milliseconds: int, alive: int) -> Worker:
        return Worker(partial(Search, milliseconds, alive), no_progress, None, False)

    with (
        worker(2, alive=99) as steady,
        worker(1, alive=2) as dying,
        Worker(ReferenceWorkload, no_progress, None, False) as reference,
    ):
        cells = {"steady": steady, "dying": dying}
        times, references = time_in_rounds(cells, reference, TimingSettings(4, 0.01), seed=0)
    cell_times = times["steady"]
    assert isinstance(cell_times, CellTimes)
    assert cell_times.searches == [2_000_000 + number for number in range(12)]
    latency = cell_times.latency(references, 2, ["ivf"])
    assert 2.0 <= latency.search_ms.p50 < 2.001 and latency.search_ms.timed == 12
    assert latency.end_to_end_ms.p50 == 7.0 and latency.encode_ms.p50 == 5.0
    assert latency.throughput == Throughput(queries_per_second=1000.0, batch=100, batches=4)
    rounds = latency.rounds_ms
    assert rounds["search"] == [2.000001, 2.000004, 2.000007, 2.00001]  # one median per round
    assert len(rounds["scan"]) == 4 and sorted(rounds["scan"])[1] <= references["scan"]
    dead = times["dying"]
    assert isinstance(dead, Failure) and dead.error == "SIGKILL"
    assert references["scan"] > 0 and references["product"] > 0
