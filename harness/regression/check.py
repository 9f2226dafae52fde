"""The whole comparison: every verdict, and what stood in the way of others."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from harness.regression.baseline import Measurements
from harness.regression.pairing import Obstacle, cell_of, pair_cells
from harness.regression.quality import judge_quality
from harness.regression.speed import judge_speed
from harness.regression.verdict import Outcome, Verdict
from harness.store.record import Record


@dataclass(frozen=True)
class Rules:
    """What is judged, and by how much it may be worse.

    `tolerance` is a relative loss of the measure, `slowdown` a ratio of times. Speed is measured
    against the reference workload, or the method `relative_to`. No seeds mean all.
    """

    measure: str = "nDCG@10"
    tolerance: float = 0.01
    slowdown: float = 1.25
    relative_to: str | None = None
    seeds: Collection[int] = ()


@dataclass(frozen=True)
class Check:
    """The outcome of a check. `added` are the candidate's cells that the baseline lacks."""

    baseline: Measurements
    candidate: Measurements
    rules: Rules
    verdicts: Sequence[Verdict]
    obstacles: Sequence[Obstacle]
    added: Sequence[Record]

    @property
    def exit_code(self) -> int:
        """2 where a cell could not be compared, else 1 where one is worse, else 0."""
        if self.obstacles:
            return 2
        return int(any(verdict.outcome is Outcome.REGRESSED for verdict in self.verdicts))


def check(baseline: Measurements, candidate: Measurements, rules: Rules) -> Check:
    """Compare a candidate with a baseline.

    Raise InputError where a rule names a measure, method or seed that is not there.
    """
    places, obstacles = pair_cells(baseline, candidate, rules.seeds)
    quality = judge_quality(places, baseline, candidate, rules.measure, rules.tolerance)
    speed = judge_speed(
        places, baseline.records, candidate.records, rules.slowdown, rules.relative_to
    )
    known = {cell_of(record) for record in baseline.records}
    added = [record for record in candidate.records if cell_of(record) not in known]
    return Check(baseline, candidate, rules, [*quality, *speed], obstacles, added)
