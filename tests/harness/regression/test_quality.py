import numpy as np
import pytest
from scipy import stats

from harness.regression import quality
from harness.regression.pairing import Pair, PairedCells, pair_cells
from harness.regression.quality import judge_quality, training_p
from harness.regression.verdict import Outcome, Verdict
from methods.errors import InputError
from tests.harness.regression.fake_measurements import make_measurements, record

RANDOM = np.random.default_rng(0)
EASE = RANDOM.uniform(0.2, 0.8, 400)


def judge(was: list[np.ndarray], now: list[np.ndarray], measure: str = "nDCG@10") -> Verdict:
    """Return the verdict on a method; `was` and `now` have one array of values per seed."""
    sides = [
        make_measurements(
            [record("ehi", seed) for seed in range(len(side))], [list(v) for v in side]
        )
        for side in (was, now)
    ]
    paired, _obstacles = pair_cells(*sides)
    (verdict,) = judge_quality(paired, *sides, measure, tolerance=0.01)
    return verdict


def seeds(shift: float, *offsets: float) -> list[np.ndarray]:
    """Return the values of one training run per offset, with noise in every query."""
    return [EASE + shift + offset + RANDOM.normal(0, 0.02, 400) for offset in offsets]


def test_equal_values_pass_without_a_change():
    verdict = judge([EASE], [EASE])
    assert (verdict.outcome, verdict.change, verdict.p) == (Outcome.PASSED, 0, 1)
    assert verdict.note == "one seed: the variation between training runs is unknown"


def test_a_loss_beyond_tolerance_and_chance_regresses():
    verdict = judge(seeds(0, -0.001, 0, 0.001), seeds(-0.02, -0.001, 0, 0.001))
    assert verdict.outcome is Outcome.REGRESSED and verdict.note == ""
    assert verdict.change == pytest.approx(-0.04, abs=0.005)
    assert verdict.candidate == pytest.approx(verdict.baseline * (1 + verdict.change))


def test_a_certain_loss_within_the_tolerance_passes():
    verdict = judge([EASE], [EASE * 0.995])
    assert verdict.outcome is Outcome.PASSED and verdict.p < 0.001


def test_a_large_loss_in_few_queries_is_noise():
    worse = EASE.copy()
    worse[:6] = 0  # six queries of 400
    verdict = judge([EASE], [worse])
    assert verdict.outcome is Outcome.PASSED and verdict.p > 0.02 and verdict.change < -0.01
    assert verdict.note.startswith("within noise; one seed")


def test_a_loss_within_the_variation_between_training_runs_is_noise():
    offsets = (-0.02, 0, 0.02)
    verdict = judge(seeds(0, *offsets), seeds(-0.02, *offsets))
    assert verdict.outcome is Outcome.PASSED and verdict.note == "within noise"


def test_a_gain_improves():
    assert judge([EASE], [EASE + 0.02]).outcome is Outcome.IMPROVED


def test_p_is_corrected_for_all_methods():
    alone = judge([EASE], seeds(-0.0025, 0)).p
    rows = [record("ehi"), record("ivf"), record("exact", budget=None)]
    values = [list(EASE)] * 3
    worse = [list(seeds(-0.0025, 0)[0]), *values[1:]]
    was, now = make_measurements(rows, values), make_measurements(rows, worse)
    verdicts = judge_quality(pair_cells(was, now)[0], was, now, "nDCG@10", 0.01)
    single = judge([EASE], [np.array(worse[0])]).p
    assert alone is not None and single is not None and single < 0.2
    assert verdicts[0].p == pytest.approx(3 * single)


def test_a_clear_loss_among_a_thousand_comparisons_regresses():
    rows = [record("ivf", budget=(place + 1) / 1_000) for place in range(1_000)]
    others = [[0.5, 0.5]] * 999
    was = make_measurements(rows, [list(EASE), *others])
    now = make_measurements(rows, [list(seeds(-0.02, 0)[0]), *others])
    paired = [PairedCells([Pair(row, row)], [row], [row]) for row in rows]
    verdicts = judge_quality(paired, was, now, "nDCG@10", 0.01)
    assert verdicts[0].outcome is Outcome.REGRESSED
    assert verdicts[0].p == pytest.approx(1_000 / 200_001)
    assert all(verdict.outcome is Outcome.PASSED for verdict in verdicts[1:])


def test_training_p_without_a_prior_is_students_t_test(monkeypatch):
    was, now = [0.70, 0.71, 0.69, 0.70], [0.67, 0.69]
    monkeypatch.setattr(quality, "PRIOR_DEGREES", 0)
    expected = stats.ttest_ind(was, now).pvalue
    assert training_p(was, now, change=-0.02) == pytest.approx(expected)
    assert training_p(was, now, change=0.02) == 1  # the means differ in the other direction


def test_the_variance_of_seeds_is_combined_with_the_prior():
    # By hand: 2 degrees of freedom without variance and 6 with .005 x .7 give .0035 x sqrt(6 / 8).
    error = 0.0035 * np.sqrt(6 / 8) * np.sqrt(1 / 3 + 1)
    assert training_p([0.7] * 3, [0.69], change=-0.01) == pytest.approx(
        2 * stats.t.sf(0.01 / error, 8)
    )


def test_one_seed_on_each_side_has_no_training_p():
    assert training_p([0.7], [0.6], change=-0.1) is None


def test_quality_at_a_time_budget_is_not_judged_on_different_hardware():
    was = make_measurements([record("ehi", kind="latency")])
    now = make_measurements([record("ehi", kind="latency", origin={"processor": "other"})])
    (verdict,) = judge_quality(pair_cells(was, now)[0], was, now, "nDCG@10", 0.01)
    assert verdict.outcome is Outcome.UNJUDGED and "on its clock" in verdict.note


def test_an_unknown_measure_is_refused():
    with pytest.raises(InputError, match="unknown measure 'nDCG@5'; did you mean 'nDCG@10'"):
        judge([EASE], [EASE], "nDCG@5")


def test_any_gain_over_0_is_a_change_of_1():
    verdict = judge([EASE * 0], [EASE])
    assert verdict.outcome is Outcome.IMPROVED and verdict.change == 1
