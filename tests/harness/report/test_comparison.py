"""Comparing what can be compared. tests/harness/report/test_summary.py has the test itself."""

from typing import Any

import pytest

from harness.report.comparison import compare, compare_where_possible, left_out
from harness.report.summary import Row, Spread
from methods.errors import InputError

VALUES = {f"q{i}": i / 10 for i in range(8)}


def row(method: str, **fields: Any) -> Row:
    known: dict[str, Any] = {"budget": 0.1, "seeds": (0,), "per_query": VALUES} | fields
    return Row(
        dataset="d",
        method=method,
        label=method,
        budget_by="visited",
        metrics={"R@10": Spread(0.4, None)},
        spent=None,
        macs=None,
        latency_p50_ms=None,
        interval=(0.3, 0.5),
        **known,
    )


IVF, EHI = row("ivf"), row("ehi", per_query={q: v + 0.2 for q, v in VALUES.items()})


def test_where_all_can_be_compared_it_is_the_same_comparison():
    rows = [IVF, EHI, row("exact", budget=None)]
    assert compare_where_possible(rows, "ivf") == compare(rows, "ivf")
    assert left_out(rows, "ivf") == {}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        (
            {"budget": 0.2},
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
    rows = [IVF, row("hnsw", **fields), EHI]
    assert left_out(rows, "ivf") == {1: why}
    first, second, third = compare_where_possible(rows, "ivf").differences
    assert first is second is None
    assert third == compare([IVF, EHI], "ivf").differences[1]  # and counts for no correction


def test_nothing_to_compare_with_is_no_error_and_an_unknown_baseline_is():
    assert compare_where_possible([IVF], "ivf").differences == [None]
    with pytest.raises(InputError, match="nothing is measured of 'scann'"):
        compare_where_possible([IVF, EHI], "scann")
