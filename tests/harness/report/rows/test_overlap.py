from harness.report.numbers import Spread
from harness.report.rows.overlap import OVERLAP, overlap_rows
from tests.harness.report.fake_run import row


def test_the_only_measure_of_a_row_is_what_it_finds_of_exact_search():
    (found,) = overlap_rows([row("ivf", 0.1, 0.7, overlap=Spread(0.9, None))])
    assert found.metrics == {OVERLAP: Spread(0.9, None)}
    assert found.interval == (0.9, 0.9)


def test_a_row_that_searches_no_vectors_is_left_out():
    assert overlap_rows([row("bm25", None, 0.7)]) == []
