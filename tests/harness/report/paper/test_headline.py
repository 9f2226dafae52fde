"""The sentences, of rows whose numbers are known."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harness.report.paper.headline import headlines
from harness.report.rows.summary import Row
from tests.harness.report.fake_run import row

EXACT = row("exact", None, 0.8)
EHI = [row("ehi", 0.01, 0.7), row("ehi", 0.05, 0.75)]
HNSW = [row("hnsw", 0.01, 0.6), row("hnsw", 0.05, 0.796)]


def told(rows: Sequence[Row]) -> str:
    return "\n".join(headlines(rows, "nDCG@10"))


def test_what_reaches_nearly_exact_search_is_interpolated_or_not_reached():
    text = told([EXACT, *EHI, *HNSW])
    # .792 lies at (.792 - .6) / (.796 - .6) of the way from 1 % to 5 %
    assert "hnsw 4.92 %; ehi not reached (93.8 % of it at 5.00 %)" in text
    assert "Multiply-adds, routing included, to reach 99 %" in text and "hnsw 6.92 %" in text


def test_a_curve_that_begins_above_is_told_as_at_most():
    assert "Documents visited" in told([EXACT, row("ehi", 0.05, 0.8)])
    assert "ehi ≤ 5.00 %" in told([EXACT, row("ehi", 0.05, 0.8)])


def test_gains_are_told_at_1_5_and_10_per_cent_with_their_p():
    text = told([*EHI, *HNSW])
    assert "At 1 % of the documents ehi has nDCG@10 .700: .100 above hnsw (p<.001)." in text
    assert "At 5 % of the documents ehi has nDCG@10 .750: .046 below hnsw (p<.001)." in text
    assert "ehi was not measured at 10 % of the documents." in text


def test_the_leader_of_every_budget_and_where_ehi_loses():
    text = told([*EHI, *HNSW])
    assert "ehi leads at 1 % with .700 (+.100 over hnsw, p<.001)." in text
    assert "hnsw leads at 5 % with .796 (+.046 over ehi, p<.001)." in text
    assert "ehi loses in nDCG@10 at 5 % to hnsw (by .046, p<.001)." in text


def test_what_is_chance_is_no_lead_and_no_loss():
    text = told([row("ehi", 0.05, 0.7), row("hnsw", 0.05, 0.7)])
    assert "is first, but by no more than chance, at 5 % with .700" in text
    assert "ehi loses nowhere by more than chance" in text


def test_without_ehi_or_exact_there_is_less_to_tell():
    assert told(HNSW) == ""
    assert "ehi" not in told([EXACT, *HNSW, row("ivf", 0.05, 0.5)])


def test_ps_are_corrected_for_their_number():
    values = {f"q{i}": 0.7 + 0.1 * (i < 8) for i in range(60)}
    better = row("hnsw", 0.05, 0.7 + 0.8 / 60, per_query=values)
    one = told([row("ehi", 0.05, 0.7), better])
    assert "p=.008" in one  # 2 / 2 ** 8
    more = [replace(better, label=f"h{i}") for i in range(3)]
    assert "p=.023" in told([row("ehi", 0.05, 0.7), *more])  # Holm: three times that


@pytest.mark.parametrize("measure", ["R@10"])
def test_the_measure_is_named(measure: str):
    rows = [replace(r, metrics={measure: r.metrics["nDCG@10"]}) for r in (EXACT, *EHI)]
    assert f"exact search's {measure} (.800)" in headlines(rows, measure)[0]
