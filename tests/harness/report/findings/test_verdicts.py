from harness.report.findings.verdicts import against_baselines, best_baseline, verdicts
from harness.report.rows.difference import Conclusion
from harness.report.rows.summary import Row
from tests.harness.report.fake_run import row

NOISY = {0: {f"q{i}": 0.7 + 0.3 * (-1) ** i for i in range(60)}}
EHI = row("ehi", 0.05, 0.7)


def conclusion(rows: list[Row]) -> Conclusion | None:
    """Return what rows of one budget show of EHI against all baselines."""
    return against_baselines(verdicts(rows, "ehi"), rows)


def test_a_verdict_is_about_the_subject():
    (verdict,) = verdicts([EHI, row("ivf", 0.05, 0.6)], "ehi")
    assert (verdict.own.label, verdict.other.label) == ("ehi", "ivf")
    assert verdict.difference.conclusion == Conclusion.BETTER
    assert round(verdict.difference.mean, 6) == 0.1


def test_the_subject_is_better_only_if_it_is_better_than_every_baseline():
    worse, unclear = row("ivf", 0.05, 0.6), row("hnsw", 0.05, 0.7, per_seed=NOISY)
    assert conclusion([EHI, worse]) == Conclusion.BETTER
    assert conclusion([EHI, worse, unclear]) == Conclusion.UNKNOWN


def test_the_subject_is_not_better_while_one_baseline_cannot_be_compared():
    worse, one_more_seed = row("ivf", 0.05, 0.6), row("hnsw", 0.05, 0.8, seeds=(0, 1))
    assert conclusion([EHI, worse, one_more_seed]) == Conclusion.UNKNOWN
    assert conclusion([EHI, row("ivf", 0.05, 0.8), one_more_seed]) == Conclusion.WORSE
    elsewhere = row("hnsw", 0.1, 0.8, seeds=(0, 1))
    assert conclusion([EHI, worse, elsewhere]) == Conclusion.BETTER


def test_the_subject_is_worse_if_one_baseline_is_better():
    rows = [EHI, row("ivf", 0.05, 0.8), row("hnsw", 0.05, 0.6)]
    assert conclusion(rows) == Conclusion.WORSE


def test_learned_indexes_do_not_count_as_baselines():
    rows = [EHI, row("ehi-frozen", 0.05, 0.8)]
    found = verdicts(rows, "ehi")
    assert len(found) == 1
    assert against_baselines(found, rows) is None and best_baseline(found, "nDCG@10") is None


def test_the_best_baseline_has_the_highest_mean():
    found = verdicts([EHI, row("ivf", 0.05, 0.65), row("hnsw", 0.05, 0.68)], "ehi")
    best = best_baseline(found, "nDCG@10")
    assert best is not None and best.other.label == "hnsw"


def test_rows_that_reach_a_quality_do_not_compete():
    cheap = [row("ehi", 0.9, 0.7, "overlap"), row("ivf", 0.9, 0.6, "overlap")]
    assert verdicts([EHI, *cheap], "ehi") == []


def test_the_subject_is_in_its_best_form_and_its_other_forms_are_left_out():
    forms = [row("ehi", 0.05, 0.7, tuned=0.7), row("ehi+pq", 0.05, 0.75, tuned=0.76)]
    (verdict,) = verdicts([*forms, row("ivf", 0.05, 0.72)], "ehi")
    assert (verdict.own.label, verdict.other.label) == ("ehi+pq", "ivf")
    assert verdict.difference.conclusion == Conclusion.BETTER


def test_one_of_several_settings_is_held_against_others_as_it_is():
    few = row("ehi", 0.05, 0.7, label="ehi ehi.branching=64", tuned=0.7)
    many = row("ehi", 0.05, 0.8, label="ehi ehi.branching=1024", tuned=0.8)
    (verdict,) = verdicts([few, many], few.label)
    assert (verdict.own, verdict.other) == (few, many)


def test_another_kind_of_budget_is_another_family():
    rows = [EHI, row("ivf", 0.05, 0.65, per_seed=NOISY)]
    by_time = [row(name, 0.05, 0.7, "latency") for name in ("ehi", "ivf", "hnsw")]
    (alone,) = verdicts(rows, "ehi")
    found = verdicts([*rows, *by_time], "ehi")
    assert len(found) == 3
    assert alone.difference in [verdict.difference for verdict in found]
