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


def test_gains_are_stated_at_1_5_and_10_per_cent_with_their_p():
    text = sentences([*EHI, *HNSW])
    assert "At 1 % of the documents ehi has nDCG@10 .700: .100 above hnsw (p<.001)." in text
    assert "At 5 % of the documents ehi has nDCG@10 .750: .046 below hnsw (p<.001)." in text
    assert "ehi was not measured at 10 % of the documents." in text


def test_leaders_and_losses_are_stated_for_every_budget():
    text = sentences([*EHI, *HNSW])
    assert "ehi leads at 1 % with .700 (+.100 over hnsw, p<.001)." in text
    assert "hnsw leads at 5 % with .796 (+.046 over ehi, p<.001)." in text
    assert "ehi loses in nDCG@10 at 5 % to hnsw (by .046, p<.001)." in text


def test_a_difference_that_is_not_significant_is_neither_a_lead_nor_a_loss():
    text = sentences([row("ehi", 0.05, 0.7), row("hnsw", 0.05, 0.7)])
    assert "is first, but not significantly, at 5 % with .700" in text
    assert "ehi is not significantly below any method" in text


def test_methods_that_were_not_measured_are_not_mentioned():
    assert sentences(HNSW) == ""
    assert "ehi" not in sentences([EXACT, *HNSW, row("ivf", 0.05, 0.5)])


def test_p_values_are_corrected_for_the_number_of_comparisons():
    values = {f"q{i}": 0.7 + 0.1 * (i < 8) for i in range(60)}
    better = row("hnsw", 0.05, 0.7 + 0.8 / 60, per_query=values)
    one = sentences([row("ehi", 0.05, 0.7), better])
    assert "p=.008" in one  # 2 / 2 ** 8
    more = [replace(better, label=f"h{i}") for i in range(3)]
    assert "p=.023" in sentences([row("ehi", 0.05, 0.7), *more])  # Holm: three times that


def test_the_measure_is_named():
    rows = [replace(r, metrics={"R@10": r.metrics["nDCG@10"]}) for r in (EXACT, *EHI)]
    assert "exact search's R@10 (.800)" in headlines(rows, "R@10")[0]


def test_rows_that_reach_a_quality_do_not_compete_in_quality():
    cheap = [row("ehi", 0.9, 0.7, "overlap"), row("ivf", 0.9, 0.6, "overlap")]
    assert sentences([EXACT, *EHI, *HNSW, *cheap]) == sentences([EXACT, *EHI, *HNSW])
