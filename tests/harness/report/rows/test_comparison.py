from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from harness.measure.budget import Budget
from harness.report.rows.comparison import (
    compare,
    compare_where_possible,
    compare_with_each,
    incomparable_rows,
)
from harness.report.rows.difference import (
    Difference,
    differences_of_family,
    estimate_difference,
)
from harness.report.rows.summary import Row
from methods.errors import InputError
from tests.harness.report.fake_run import row

QUERIES = [f"q{i}" for i in range(40)]
LOW = dict(zip(QUERIES, np.linspace(0, 0.7, 40), strict=True))
HIGH = {query: value + 0.2 for query, value in LOW.items()}
IVF, EHI = row("ivf", 0.1, 0.35, per_seed={0: LOW}), row("ehi", 0.1, 0.55, per_seed={0: HIGH})


def means(differences: Sequence[Difference | None]) -> list[float | None]:
    return [difference and difference.mean for difference in differences]


def at(budget: Budget, original: Row, **changes: Any) -> Row:
    return replace(original, budget=budget, **changes)


FIFTH, HALF_OF_MACS = Budget("visited", 0.2), Budget("macs", 0.5)
UNLIMITED = Budget("visited", None)


def test_a_row_is_compared_with_the_baseline_at_its_budget():
    rows = [IVF, at(FIFTH, IVF, per_seed={0: HIGH}), EHI, at(FIFTH, EHI)]
    comparison = compare(rows, "ivf")
    assert comparison.baseline == "ivf"
    assert means(comparison.differences) == [None, None, pytest.approx(0.2), 0.0]
    pairs = [(row, other) for row, other, _ in comparison.pairs(rows)]
    assert pairs == [(rows[2], rows[0]), (rows[3], rows[1])]


def test_several_baselines_are_one_family_in_which_two_rows_meet_once():
    hnsw = row("hnsw", 0.1, 0.55, per_seed={0: HIGH})
    rows = [IVF, EHI, hnsw]
    to_ivf, to_hnsw = compare_with_each(rows, ["ivf", " hnsw"])
    assert means(to_ivf.differences) == [None, pytest.approx(0.2), pytest.approx(0.2)]
    assert means(to_hnsw.differences) == [None, 0.0, None]
    estimates = [estimate_difference(*pair) for pair in ((EHI, IVF), (hnsw, IVF), (EHI, hnsw))]
    found = [*to_ivf.differences[1:], to_hnsw.differences[1]]
    assert found == differences_of_family(estimates)


def test_a_baseline_without_a_budget_is_compared_with_an_earlier_one():
    exact = row("exact", None, 0.55, per_seed={0: HIGH})
    to_ivf, to_exact = compare_with_each([IVF, exact], ["ivf", "exact"])
    assert means(to_ivf.differences) == [None, None]
    assert means(to_exact.differences) == [pytest.approx(-0.2), None]


def test_baselines_are_needed_and_have_to_be_measured():
    with pytest.raises(InputError, match="name at least one"):
        compare_with_each([IVF, EHI], [])
    with pytest.raises(InputError, match="'scann' is not among the records"):
        compare_with_each([IVF, EHI], ["ivf", "scann"])


def test_queries_are_matched_by_id():
    backwards = replace(EHI, per_seed={0: dict(reversed(HIGH.items()))})
    assert compare([IVF, backwards], "ivf") == compare([IVF, EHI], "ivf")


def test_rows_of_different_depths_are_not_compared():
    deep = replace(EHI, depth=100)
    with pytest.raises(InputError, match="ivf is not measured on d at 10 % to depth 100, but ehi"):
        compare([IVF, deep], "ivf")
    assert list(incomparable_rows([IVF, deep], "ivf").values()) == [
        "ehi on d at 10 % is not compared with ivf, which is not measured there to depth 100"
    ]
    assert compare_where_possible([IVF, deep], "ivf").differences == [None, None]


def test_a_baseline_without_a_budget_is_not_compared_at_another_depth():
    rows = [row("exact", None, 0.5, per_seed={0: HIGH}), at(UNLIMITED, IVF, depth=100)]
    with pytest.raises(InputError, match="exact is not measured on d at - to depth 100"):
        compare(rows, "exact")


def test_all_rows_that_are_compared_are_one_family():
    rows = [IVF, EHI, at(FIFTH, IVF), at(FIFTH, EHI, per_seed={0: HIGH})]
    family = differences_of_family([estimate_difference(EHI, IVF)] * 2)
    assert compare(rows, "ivf").differences == [None, family[0], None, family[1]]


def test_a_baseline_without_a_budget_is_compared_at_every_budget():
    exact = row("exact", None, 0.55, per_seed={0: HIGH})
    differences = compare([exact, IVF, at(HALF_OF_MACS, IVF)], "exact").differences
    assert differences[0] is None
    assert [d.mean for d in differences[1:] if d] == pytest.approx([-0.2, -0.2])


def test_a_row_without_a_budget_is_not_compared_with_a_baseline_that_has_one():
    exact = row("exact", None, 0.55, per_seed={0: HIGH})
    compared = compare([exact, IVF, replace(EHI, per_seed={0: LOW})], "ivf").differences
    assert means(compared) == [None, None, 0.0]


def test_a_baseline_with_several_settings_is_named_by_its_label():
    narrow, wide = replace(IVF, label="ivf lists=8"), replace(IVF, label="ivf lists=16")
    with pytest.raises(InputError, match="compare with one of: 'ivf lists=8', 'ivf lists=16'"):
        compare([EHI, narrow, wide], "ivf")
    assert compare([EHI, narrow, wide], "ivf lists=8").baseline == "ivf lists=8"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([EHI], "'ivf' is not among the records shown; compare with one of: ehi"),
        ([], "compare with one of: none"),
        ([IVF], "nothing to compare with ivf; show other methods"),
        ([IVF, at(FIFTH, EHI)], "ivf is not measured on d at 20 %, but ehi is"),
        ([IVF, at(HALF_OF_MACS, EHI)], "ivf is not measured on d at 50 % MACs"),
        (
            [IVF, replace(EHI, per_seed={0: {**HIGH, "more": 1.0}})],
            "different queries of d; measure both on the same data",
        ),
        (
            [IVF, replace(EHI, seeds=(0, 1))],
            "ehi has the seeds 0, 1 and ivf 0; run the missing ones",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(rows: list[Row], message: str):
    with pytest.raises(InputError, match=message):
        compare(rows, "ivf")


def test_if_all_rows_are_comparable_compare_where_possible_equals_compare():
    rows = [IVF, EHI, row("exact", None, 0.7)]
    assert compare_where_possible(rows, "ivf") == compare(rows, "ivf")
    assert incomparable_rows(rows, "ivf") == {}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"budget": FIFTH},
            "hnsw on d at 20 % is not compared with ivf, which is not measured there",
        ),
        ({"seeds": (0, 1)}, "hnsw on d at 10 % is not compared with ivf, which has other seeds"),
        (
            {"per_seed": {0: {"q": 1.0}}},
            "hnsw on d at 10 % is not compared with ivf, which has other queries",
        ),
    ],
)
def test_a_row_that_cannot_be_compared_is_skipped_with_a_reason(
    changes: dict[str, Any], reason: str
):
    rows = [IVF, replace(row("hnsw", 0.1, 0.5), **changes), EHI]
    assert incomparable_rows(rows, "ivf") == {1: reason}
    comparison = compare_where_possible(rows, "ivf")
    first, second, third = comparison.differences
    assert first is second is None
    assert comparison.pairs(rows) == [(EHI, IVF, third)]
    assert third == compare([IVF, EHI], "ivf").differences[1]  # no correction for the skipped row


def test_a_baseline_without_any_other_row_has_no_differences():
    assert compare_where_possible([IVF], "ivf").differences == [None]


def test_an_unknown_baseline_is_refused_even_where_rows_may_be_skipped():
    with pytest.raises(InputError, match="'scann' is not among the records shown"):
        compare_where_possible([IVF, EHI], "scann")
