"""`check` passes on noise and catches planted regressions.

On one machine a training run repeats to the bit, so running it again shows no noise. On another
processor, or after a change that only reorders sums, training takes another path; at worst it
differs as much as with another seed. A rerun is therefore simulated as the mean of the committed
baseline's seeds plus, query by query, the difference of two of them divided by the square root of
two, which has the same variance as one training run. This keeps together the queries that rise and
fall together, such as those of one leaf or list. The queries are a sample too: each check draws its
own, with replacement, the same for both sides.

Times are measured, not simulated: `timings.json` holds the rounds of repeated measurements of the
same trained indexes, on two cores under a load of ten. A rerun is one of them and its baseline
another, drawn for each method.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.regression import quality
from harness.regression.check import Check, Rules, check
from harness.regression.measurements import Measurements, read_measurements
from harness.regression.verdict import Outcome
from harness.store.record import Record
from harness.store.stored_run import open_run
from tests.harness.regression.fake_measurements import make_measurements, record
from tests.harness.store.fake_records import slowed

RERUNS = 200
PLANTED = 50
MEASURE = "nDCG@10"
BASELINE = Path(__file__).parents[3] / "results" / "reference" / "gate.jsonl.xz"
TIMINGS: dict[str, list[dict[str, list[float]]]] = json.loads(
    (Path(__file__).parent / "timings.json").read_text()
)
Values = np.ndarray[Any, Any]


@pytest.fixture(scope="module")
def trainings() -> dict[str, dict[int, Values]]:
    """The values of the committed baseline's queries, by method and seed."""
    saved = read_measurements(open_run(BASELINE))
    values: dict[str, dict[int, Values]] = {}
    for row in saved.records:
        values.setdefault(row.method, {})[row.seed] = np.array(saved.columns[row.cell][MEASURE])
    return values


@pytest.fixture(autouse=True)
def _fewer_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use a tenth of the rounds, which takes seconds instead of minutes and gives p to .001."""
    monkeypatch.setattr(quality, "FIRST_ROUNDS", 999)
    monkeypatch.setattr(quality, "ROUNDS_PER_COMPARISON", 0)


@dataclass
class Reruns:
    """Draws baselines with all seeds, and for each a rerun of some seeds without any change."""

    trainings: dict[str, dict[int, Values]]
    random: np.random.Generator

    def draw(
        self, count: int, seeds: Collection[int]
    ) -> Iterator[tuple[Measurements, Measurements]]:
        """Yield pairs of a baseline and its rerun."""
        size = len(self.trainings["ehi"][0])
        for _ in range(count):
            queries = self.random.integers(0, size, size)
            was, now = {}, {}
            for method, by_seed in self.trainings.items():
                was.update({(method, seed): by_seed[seed][queries] for seed in by_seed})
                for seed in seeds:
                    one, other = self.random.choice(list(by_seed), 2, replace=False)
                    noise = (by_seed[one] - by_seed[other]) / np.sqrt(2)
                    rerun = np.mean(list(by_seed.values()), axis=0) + noise
                    now[method, seed] = rerun[queries]
            yield self._measurements(was), self._measurements(now)

    def _measurements(self, values: dict[tuple[str, int], Values]) -> Measurements:
        records = [self._timed(method, seed) for method, seed in values]
        return make_measurements(records, [list(column) for column in values.values()])

    def _timed(self, method: str, seed: int) -> Record:
        rounds = TIMINGS[method][self.random.integers(len(TIMINGS[method]))]
        return record(method, seed, ms=float(np.median(rounds["search"])), rounds_ms=rounds)

    def without_some_answers(
        self, candidate: Measurements, methods: list[str], share: float
    ) -> Measurements:
        """Return the candidate with the values of random queries of some methods set to 0.

        Queries are drawn until this share of the sum is lost.
        """
        columns = dict(candidate.columns)
        for cell in (row.cell for row in candidate.records if row.method in methods):
            values = np.array(columns[cell][MEASURE])
            order = self.random.permutation(len(values))
            lost = np.cumsum(values[order]) <= share * values.sum()
            values[order[lost]] = 0
            columns[cell] = {**columns[cell], MEASURE: list(values)}
        return replace(candidate, columns=columns)


def slower(candidate: Measurements, methods: list[str], times: float) -> Measurements:
    """Return the candidate with every search of some methods taking `times` as long."""
    records = [slowed(row, times) if row.method in methods else row for row in candidate.records]
    return replace(candidate, records=records)


def regressions(checked: Check) -> set[tuple[str, str]]:
    """Return the kinds and methods of the verdicts that regressed."""
    return {
        (verdict.kind, verdict.cells.first.method)
        for verdict in checked.verdicts
        if verdict.outcome is Outcome.REGRESSED
    }


@pytest.fixture
def reruns(trainings: dict[str, dict[int, Values]]) -> Reruns:
    return Reruns(trainings, np.random.default_rng(0))


@pytest.fixture(params=["one seed", "all seeds"])
def seeds(request: pytest.FixtureRequest, trainings: dict[str, dict[int, Values]]) -> list[int]:
    """The seeds of the baseline that the candidate has."""
    return [0] if request.param == "one seed" else list(trainings["ehi"])


def test_at_most_2_per_cent_of_200_reruns_without_a_change_fail(reruns: Reruns, seeds: list[int]):
    checks = (check(*sides, Rules(seeds=seeds)) for sides in reruns.draw(RERUNS, seeds))
    failed = [regressions(one) for one in checks if one.exit_code]
    assert len(failed) <= 0.02 * RERUNS, failed


@pytest.mark.parametrize("method", ["ehi", "exact"])
def test_a_loss_of_3_per_cent_is_caught(reruns: Reruns, method: str, seeds: list[int]):
    caught = 0
    for was, now in reruns.draw(PLANTED, seeds):
        worse = reruns.without_some_answers(now, [method], 0.03)
        caught += ("quality", method) in regressions(check(was, worse, Rules(seeds=seeds)))
    assert caught >= (0.8 if len(seeds) == 1 else 0.9) * PLANTED


def test_1_5_times_the_time_is_caught_even_on_a_busy_machine(
    reruns: Reruns, trainings: dict[str, dict[int, Values]]
):
    one = every = 0
    for was, now in reruns.draw(PLANTED, [0]):
        one += ("speed", "ehi") in regressions(
            check(was, slower(now, ["ehi"], 1.5), Rules(seeds=[0]))
        )
        every += check(was, slower(now, list(trainings), 1.5), Rules(seeds=[0])).exit_code
    assert one >= 0.8 * PLANTED and every >= 0.95 * PLANTED


def test_if_training_repeats_exactly_every_loss_of_3_per_cent_is_caught(reruns: Reruns):
    for was, _rerun in reruns.draw(5, [0]):
        assert check(was, was, Rules()).exit_code == 0
        worse = reruns.without_some_answers(was, list(reruns.trainings), 0.03)
        caught = regressions(check(was, worse, Rules()))
        assert {("quality", "ehi"), ("quality", "exact")} <= caught
        slow = regressions(check(was, slower(was, list(reruns.trainings), 1.5), Rules()))
        assert {kind for kind, _method in slow} == {"speed"}
