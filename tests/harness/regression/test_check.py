from harness.regression.check import Rules, check
from harness.regression.verdict import Outcome
from tests.harness.regression.fake_measurements import make_measurements, record

BASELINE = make_measurements([record("ehi"), record("ivf")])


def test_every_method_gets_a_verdict_on_quality_and_one_on_speed():
    checked = check(BASELINE, BASELINE, Rules())
    assert [(v.kind, v.cells.first.method, v.outcome) for v in checked.verdicts] == [
        ("quality", "ehi", Outcome.PASSED),
        ("quality", "ivf", Outcome.PASSED),
        ("speed", "ehi", Outcome.PASSED),
        ("speed", "ivf", Outcome.PASSED),
    ]
    assert checked.exit_code == 0


def test_a_regression_exits_with_1():
    slow = make_measurements([record("ehi", ms=0.2), record("ivf")])
    assert check(BASELINE, slow, Rules()).exit_code == 1
    assert check(BASELINE, slow, Rules(slowdown=2.5)).exit_code == 0


def test_a_cell_that_cannot_be_compared_exits_with_2_even_next_to_a_regression():
    slow_and_incomplete = make_measurements([record("ehi", ms=0.2)])
    checked = check(BASELINE, slow_and_incomplete, Rules())
    assert [obstacle.record.method for obstacle in checked.obstacles] == ["ivf"]
    assert checked.exit_code == 2


def test_cells_that_only_the_candidate_has_are_added_and_not_judged():
    more = make_measurements([record("ehi"), record("ivf"), record("ivf", budget=0.1)])
    checked = check(BASELINE, more, Rules())
    assert [(r.method, r.budget.limit) for r in checked.added] == [("ivf", 0.1)]
    assert len(checked.verdicts) == 4 and checked.exit_code == 0


def test_an_improvement_exits_with_0():
    fast = make_measurements([record("ehi", ms=0.05), record("ivf")])
    checked = check(BASELINE, fast, Rules())
    assert Outcome.IMPROVED in {verdict.outcome for verdict in checked.verdicts}
    assert checked.exit_code == 0
