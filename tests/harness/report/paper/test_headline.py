"""The sentences about rows with known numbers."""

from collections.abc import Sequence
from dataclasses import replace

from harness.report.paper.headline import headlines
from harness.report.rows.summary import Row
from tests.harness.report.fake_run import row

EXACT = row("exact", None, 0.8)
EHI = [row("ehi", 0.01, 0.7), row("ehi", 0.05, 0.75)]
HNSW = [row("hnsw", 0.01, 0.6), row("hnsw", 0.05, 0.796)]


def sentences(rows: Sequence[Row]) -> str:
    return "\n".join(headlines(rows, "nDCG@10"))


def test_the_cost_to_reach_99_per_cent_of_exact_search_is_interpolated():
    text = sentences([EXACT, *EHI, *HNSW])
    # 99 % of .8 is .792, which is (.792 - .6) / (.796 - .6) of the way from 1 % to 5 %.
    assert "hnsw 4.92 %; ehi not reached (93.8 % of it at 5.00 %)" in text
    assert "Multiply-adds, routing included, to reach 99 %" in text and "hnsw 6.92 %" in text


def test_a_curve_that_starts_above_the_target_needs_at_most_its_first_cost():
    assert "Documents visited" in sentences([EXACT, row("ehi", 0.05, 0.8)])
    assert "ehi ≤ 5.00 %" in sentences([EXACT, row("ehi", 0.05, 0.8)])


def test_the_subject_is_compared_at_1_5_and_10_per_cent():
    text = sentences([*EHI, *HNSW])
    assert (
        "At 1 % of the documents ehi has nDCG@10 .700: "
        "better than hnsw (+.100, p<.001, detectable .017)." in text
    )
    assert (
        "At 5 % of the documents ehi has nDCG@10 .750: "
        "worse than hnsw (-.046, p<.001, detectable .017)." in text
    )
    assert "ehi was not measured at 10 % of the documents." in text


def test_methods_with_the_same_verdict_are_listed_together():
    others = [row("a", 0.05, 0.6), row("b", 0.05, 0.7), row("c", 0.05, 0.75)]
    text = sentences([EHI[1], *others])
    listed = "better than a (+.150, p<.001, detectable .017), b (+.050, p<.001, detectable .017);"
    assert listed in text
    assert "cannot tell it from c (+.000, p=1.000, detectable .017)." in text


def test_methods_are_equal_only_if_a_test_shows_it():
    queries = {f"q{i}": 0.7 for i in range(900)}
    same = [row(name, 0.05, 0.7, per_seed={0: queries}) for name in ("ehi", "hnsw")]
    assert "equal within .005 to hnsw (+.000, p=1.000, detectable .001)." in sentences(same)


def test_leaders_and_losses_are_stated_for_every_budget():
    text = sentences([*EHI, *HNSW])
    assert "ehi leads at 1 % with .700 (+.100 over hnsw, p<.001, detectable .017)." in text
    assert "hnsw leads at 5 % with .796 (+.046 over ehi, p<.001, detectable .017)." in text
    assert "ehi is worse in nDCG@10 at 5 % than hnsw (-.046, p<.001, detectable .017)." in text


def test_a_difference_that_is_not_shown_is_neither_a_lead_nor_a_loss_nor_equality():
    noisy = {f"q{i}": 0.69 + 0.3 * (-1) ** i for i in range(60)}
    text = sentences([row("ehi", 0.05, 0.69, per_seed={0: noisy}), row("hnsw", 0.05, 0.7)])
    assert "hnsw is first, but its lead is not shown, at 5 % with .700" in text
    assert "ehi is not shown to be worse than any method; 1 of 1 comparisons cannot tell." in text


def test_a_budget_at_which_seeds_differ_has_no_first_place():
    text = sentences([row("ehi", 0.05, 0.7, seeds=(0, 1)), row("hnsw", 0.05, 0.6)])
    assert "No first place at 5 %: the methods there have different seeds or queries." in text
    assert "leads" not in text


def test_the_tests_are_described():
    text = sentences([*EHI, *HNSW])
    assert "Holm-corrected for 2 budgets." in text
    assert "Comparisons with ehi: tested by a paired t test over the queries alone" in text


def test_methods_that_were_not_measured_are_not_mentioned():
    assert sentences(HNSW) == ""
    assert "ehi" not in sentences([EXACT, *HNSW, row("ivf", 0.05, 0.5)])


def test_p_values_are_corrected_for_the_number_of_comparisons():
    values = {f"q{i}": 0.7 + 0.1 * (i < 8) for i in range(60)}
    better = row("hnsw", 0.05, 0.7 + 0.8 / 60, per_seed={0: values})
    assert "p=.008" in sentences([row("ehi", 0.05, 0.7), better])  # 2 / 2 ** 8
    more = [replace(better, label=f"h{i}") for i in range(3)]
    assert "p=.023" in sentences([row("ehi", 0.05, 0.7), *more])  # Holm: three times that


def test_the_measure_is_named():
    rows = [replace(r, metrics={"R@10": r.metrics["nDCG@10"]}) for r in (EXACT, *EHI)]
    assert "exact search's R@10 (.800)" in headlines(rows, "R@10")[0]


def test_rows_that_reach_a_quality_do_not_compete_in_quality():
    cheap = [row("ehi", 0.9, 0.7, "overlap"), row("ivf", 0.9, 0.6, "overlap")]
    assert sentences([EXACT, *EHI, *HNSW, *cheap]) == sentences([EXACT, *EHI, *HNSW])
