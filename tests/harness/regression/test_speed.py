import numpy as np
import pytest

from harness.regression.pairing import pair_cells
from harness.regression.speed import judge_speed, slowdown
from harness.regression.verdict import Outcome, Verdict
from harness.store.record import Record
from methods.errors import InputError
from tests.harness.regression.fake_measurements import make_measurements, record
from tests.harness.store.fake_records import milliseconds


def judge(
    was: list[Record], now: list[Record], relative_to: str | None = None, tolerance: float = 1.25
) -> list[Verdict]:
    paired, _obstacles = pair_cells(make_measurements(was), make_measurements(now))
    return judge_speed(paired, was, now, tolerance, relative_to)


def on_a_machine(slower: float, search: float = 0.1, scan: float = 4.0, **fields) -> Record:
    """Return a record from a machine on which everything takes `slower` times as long."""
    rounds = {"search": search, "product": 2.0, "scan": scan}
    rounds = {name: (value * slower,) * 5 for name, value in rounds.items()}
    return record(
        "ehi",
        search_ms=milliseconds(search * slower),
        reference_ms={name: rounds[name][0] for name in ("product", "scan")},
        rounds_ms=rounds,
        **fields,
    )


def test_1_5_times_the_time_regresses_and_the_reverse_improves():
    (slow,) = judge([record("ehi")], [record("ehi", ms=0.15)])
    assert slow.outcome is Outcome.REGRESSED and slow.change == pytest.approx(0.5)
    assert slow.baseline == pytest.approx(0.1) and slow.candidate == pytest.approx(0.15)
    (fast,) = judge([record("ehi", ms=0.15)], [record("ehi")])
    assert fast.outcome is Outcome.IMPROVED


def test_1_2_times_the_time_is_within_the_default_tolerance():
    was, now = [record("ehi")], [record("ehi", ms=0.12)]
    assert judge(was, now)[0].outcome is Outcome.PASSED
    assert judge(was, now, tolerance=1.1)[0].note == "within noise"  # between runs


def test_a_machine_that_is_slower_in_everything_is_not_a_regression():
    (verdict,) = judge([record("ehi")], [on_a_machine(3.0)])
    assert verdict.outcome is Outcome.PASSED and verdict.change == pytest.approx(0)


@pytest.mark.parametrize(
    ("search", "scan", "change"),
    [(0.15, 5.0, 0.2), (0.05, 3.0, -1 / 3), (0.12, 6.0, 0), (0.08, 2.0, 0)],
)
def test_a_change_counts_only_as_far_as_it_shows_against_both_parts(search, scan, change):
    (verdict,) = judge([record("ehi")], [on_a_machine(1.0, search=search, scan=scan)])
    assert verdict.change == pytest.approx(change)


def test_uneven_rounds_are_noise():
    uneven = [0.15, 0.1, 0.35, 0.08, 0.3]
    noisy = record(
        "ehi", ms=0.15, rounds_ms={"search": uneven, "product": [2] * 5, "scan": [4] * 5}
    )
    (verdict,) = judge([record("ehi")], [noisy])
    assert verdict.change == pytest.approx(0.5)
    assert verdict.outcome is Outcome.PASSED and verdict.note == "within noise"


def test_one_uneven_round_of_five_does_not_hide_a_slowdown():
    uneven = {"search": [0.15] * 5, "product": [2.0, 2.1, 9.0, 2.0, 1.9], "scan": [4.0] * 5}
    (verdict,) = judge([record("ehi")], [record("ehi", ms=0.15, rounds_ms=uneven)])
    assert verdict.outcome is Outcome.REGRESSED


def test_records_without_rounds_are_judged_by_their_medians():
    (verdict,) = judge([record("ehi", rounds_ms={})], [record("ehi", ms=0.15)])
    assert verdict.outcome is Outcome.REGRESSED and verdict.change == pytest.approx(0.5)


def test_speed_is_judged_relative_to_another_method_of_the_same_run():
    was = [record("ehi"), record("ivf", ms=0.1), record("exact", budget=None, ms=1.0)]
    now = [record("ehi", ms=0.3), record("ivf", ms=0.2), record("exact", budget=None, ms=2.0)]
    verdicts = {v.cells.first.method: v for v in judge(was, now, "exact")}
    assert set(verdicts) == {"ehi", "ivf"}
    assert verdicts["ehi"].outcome is Outcome.REGRESSED
    assert verdicts["ehi"].change == pytest.approx(0.5)
    assert verdicts["ivf"].outcome is Outcome.PASSED


def test_a_yardstick_has_the_depth_of_the_cell():
    shallow = record("exact", budget=None, ms=9.0, depth=10, cell="shallow")
    was = [record("ehi"), record("exact", budget=None, ms=1.0), shallow]
    verdicts = judge(was, was, "exact")
    assert [v.outcome for v in verdicts if v.cells.first.method == "ehi"] == [Outcome.PASSED]
    with pytest.raises(InputError, match="exact is not measured at the seed"):
        judge([was[0], shallow], [was[0], shallow], "exact")


def test_a_yardstick_that_was_not_measured_is_refused():
    with pytest.raises(InputError, match="--relative-to hnsw: hnsw is not measured at the seed"):
        judge([record("ehi")], [record("ehi")], "hnsw")


@pytest.mark.parametrize("relative_to", [None, "ivf"])
def test_different_hardware_is_named_and_not_judged(relative_to: str | None):
    now = [record("ehi", ms=9.0, origin={"processor": "Xeon", "cores": 64})]
    (verdict,) = judge([record("ehi")], now, relative_to)
    assert verdict.outcome is Outcome.UNJUDGED and verdict.p is None
    assert verdict.note == (
        "different hardware: processor was AMD EPYC and is Xeon; cores was 2 and is 64"
    )


def test_without_a_reference_workload_nothing_is_judged():
    (verdict,) = judge([record("ehi", reference_ms=None)], [record("ehi", ms=9.0)])
    assert verdict.outcome is Outcome.UNJUDGED
    assert verdict.note == "the reference workload was not timed"


def test_a_changed_effort_is_noted():
    (verdict,) = judge([record("ehi")], [record("ehi", effort=6, ms=0.12)])
    assert verdict.note == "effort from 5 to 6"


def test_more_seeds_reduce_the_noise_of_rounds_but_not_of_the_machine():
    steady, uneven = np.zeros(5), np.log([0.9, 1.5, 1, 0.7, 1.1])
    machine = slowdown([steady], [steady])[1]
    one, nine = (slowdown([steady] * n, [uneven] * n)[1] for n in (1, 9))
    assert slowdown([steady] * 9, [steady] * 9)[1] == machine
    assert one**2 - machine**2 == pytest.approx(9 * (nine**2 - machine**2))
