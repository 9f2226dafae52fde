from harness.regression.check import Check, Rules, check
from harness.report.check.lines import legend, origins, remarks, summary, verdict_lines
from tests.harness.regression.fake_measurements import make_measurements, record

BASELINE = make_measurements([record("ehi"), record("ivf")])


def test_a_verdict_that_was_not_judged_has_no_values(checked: Check):
    *_, ivf = verdict_lines(checked)
    assert ivf.title == "ivf at 5 %"
    assert ivf.texts == ("ms", "ivf", "5 %", "0", "not judged", "", "", "", "")


def test_the_summary_counts_regressions_and_improvements():
    now = make_measurements([record("ehi", ms=0.2), record("ivf", ms=0.05)])
    assert summary(check(BASELINE, now, Rules())) == (
        "1 regressed, 1 improved; judged: 2 in quality and 2 in speed"
    )
    assert summary(check(BASELINE, BASELINE, Rules())) == (
        "no regression, 0 improved; judged: 2 in quality and 2 in speed"
    )


def test_the_summary_counts_cells_that_cannot_be_compared(checked: Check):
    assert summary(checked) == "cannot compare 2 cells of the baseline"
    one = check(BASELINE, make_measurements([record("ehi")]), Rules())
    assert summary(one) == "cannot compare 1 cell of the baseline"


def test_remarks_are_obstacles_then_notes_then_added_cells(checked: Check):
    assert remarks(checked) == [
        "exact, seed 0: not measured in run",
        "bm25, seed 0: failed: killed by \x1b[31mSIGKILL",
        "quality: one seed: the variation between training runs is unknown",
        "speed of ivf at 5 % not judged: different hardware: processor was AMD EPYC and is "
        "<Xeon | *8*>",
        "not in the baseline: hnsw at 5 %, seed 0",
    ]


def test_cells_with_one_reason_share_a_line():
    nothing = check(BASELINE, make_measurements([], path="new"), Rules())
    assert remarks(nothing) == ["ehi at 5 %, seed 0; ivf at 5 %, seed 0: not measured in new"]


def test_origins_name_path_commit_and_time():
    now = make_measurements([record("ehi", origin={"commit": None})], path="new")
    assert origins(check(make_measurements([record("ehi")]), now, Rules())) == [
        "baseline: run; commit cccccccccccc, 2026-11-24T20:00:00+00:00",
        "candidate: new; commit None, 2026-11-24T20:00:00+00:00",
    ]


def test_the_legend_states_the_rules():
    rules = Rules(measure="nDCG@10", tolerance=0.05, slowdown=2.0, relative_to="ivf")
    text = legend(check(BASELINE, BASELINE, rules))
    assert "nDCG@10, the mean over seeds; regressed if it is lower by more than 5 %" in text
    assert "scaled by ivf; regressed if a search takes more than 2 times as long" in text
