"""Compare a candidate with a baseline: every verdict, and the cells that cannot be compared."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from harness.regression.measurements import Measurements
from harness.regression.pairing import Obstacle, cell_of, pair_cells
from harness.regression.quality import judge_quality
from harness.regression.speed import judge_speed
from harness.regression.verdict import Outcome, Verdict
from harness.store.record import Record


@dataclass(frozen=True)
class Rules:
    """The measure and the seeds to judge, and the losses to accept."""

    measure: str = "nDCG@10"
    tolerance: float = 0.01  # accepted loss of the measure, as a share of the baseline's value
    slowdown: float = 1.25  # accepted ratio of search times
    relative_to: str | None = None  # the method that times are divided by; None: reference workload
    seeds: Collection[int] = ()  # the seeds that are judged; none means all


@dataclass(frozen=True)
class Check:
    """The outcome of a check."""

    baseline: Measurements
    candidate: Measurements
    rules: Rules
    verdicts: Sequence[Verdict]
    obstacles: Sequence[Obstacle]
    added: Sequence[Record]  # the candidate's cells that the baseline lacks

    @property
    def exit_code(self) -> int:
        """2 if a cell could not be compared, else 1 if one is worse, else 0."""
        if self.obstacles:
            return 2
        return int(any(verdict.outcome is Outcome.REGRESSED for verdict in self.verdicts))


def check(baseline: Measurements, candidate: Measurements, rules: Rules) -> Check:
    """Compare a candidate with a baseline.

    Raise InputError if a rule names a measure, method or seed that was not measured.
    """
    paired, obstacles = pair_cells(baseline, candidate, rules.seeds)
    quality = judge_quality(paired, baseline, candidate, rules.measure, rules.tolerance)
    speed = judge_speed(
        paired, baseline.records, candidate.records, rules.slowdown, rules.relative_to
    )
    known = {cell_of(record) for record in baseline.records}
    added = [record for record in candidate.records if cell_of(record) not in known]
    return Check(baseline, candidate, rules, [*quality, *speed], obstacles, added)
