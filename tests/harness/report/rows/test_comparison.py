"""Comparing what can be compared. tests/harness/report/rows/test_summary.py has the test itself."""

from dataclasses import replace
from typing import Any

import pytest

from harness.measure.budget import Budget
from harness.report.rows.comparison import compare, compare_where_possible, incomparable_rows
from methods.errors import InputError
from tests.harness.report.fake_run import row

IVF, EHI = row("ivf", 0.1, 0.4), row("ehi", 0.1, 0.6)


def test_where_all_can_be_compared_it_is_the_same_comparison():
    rows = [IVF, EHI, row("exact", None, 0.7)]
    assert compare_where_possible(rows, "ivf") == compare(rows, "ivf")
    assert incomparable_rows(rows, "ivf") == {}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        (
            {"budget": Budget("visited", 0.2)},
            "hnsw on d at 20 % is not compared with ivf, which is not measured there",
        ),
        ({"seeds": (0, 1)}, "hnsw on d at 10 % is not compared with ivf, which has other seeds"),
        (
            {"per_query": {"q": 1.0}},
            "hnsw on d at 10 % is not compared with ivf, which has other queries",
        ),
    ],
)
def test_a_row_that_cannot_be_compared_is_left_out_and_told(fields: dict[str, Any], why: str):
    rows = [IVF, replace(row("hnsw", 0.1, 0.5), **fields), EHI]
    assert incomparable_rows(rows, "ivf") == {1: why}
    first, second, third = compare_where_possible(rows, "ivf").differences
    assert first is second is None
    assert third == compare([IVF, EHI], "ivf").differences[1]  # and counts for no correction


def test_nothing_to_compare_with_is_no_error_and_an_unknown_baseline_is():
    assert compare_where_possible([IVF], "ivf").differences == [None]
    with pytest.raises(InputError, match="'scann' is not among the records shown"):
        compare_where_possible([IVF, EHI], "scann")
