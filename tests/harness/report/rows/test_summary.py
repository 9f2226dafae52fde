from typing import Any

import numpy as np
import pytest

from harness.measure.significance import paired_randomisation
from harness.report.numbers import Spread
from harness.report.rows.comparison import Difference, compare
from harness.report.rows.summary import Row, summarise
from harness.report.terminal.summary import summary_table
from harness.store.record import Record
from methods.errors import InputError
from tests.harness.fake_records import BROKEN, make_record, milliseconds

QUERIES = [f"q{i}" for i in range(8)]
LOW = dict(zip(QUERIES, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.0], strict=True))
HIGH = {query: value + 0.2 for query, value in LOW.items()}  # the smallest p of 8 queries: 2/256


class Records:
    """Records and their values by query, as a run folder gives them."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.per_query: dict[str, dict[str, float]] = {}

    def add(self, method: str, values: dict[str, float], **fields: Any) -> "Records":
        cell = f"{method}-{len(self.records)}"
        known: dict[str, Any] = {}
        if "failure" not in fields:
            known = {"metrics": {"nDCG@10": float(np.mean(list(values.values())))}}
        limit = fields.pop("budget", 0.1)
        self.records.append(make_record(method, limit, cell=cell, **{**known, **fields}))
        self.per_query[cell] = values
        return self

    @property
    def rows(self) -> list[Row]:
        return summarise(self.records, self.per_query)


def test_seeds_become_one_row():
    (row,) = (
        Records()
        .add("ivf", {"a": 0.2, "b": 0.4}, seed=0, spent=0.08, search_ms=milliseconds(2.0))
        .add("ivf", {"b": 0.8, "a": 0.4}, seed=1, spent=0.10, search_ms=milliseconds(4.0))
        .rows
    )
    assert (row.dataset, row.label, row.budget.limit, row.seeds) == ("d", "ivf", 0.1, (0, 1))
    assert row.metrics["nDCG@10"].mean == pytest.approx((0.3 + 0.6) / 2)
    assert row.metrics["nDCG@10"].deviation == pytest.approx(0.3 / np.sqrt(2))  # n - 1
    assert row.spent is not None and row.spent.mean == pytest.approx(0.09)
    assert row.macs == Spread(0.2, 0.0)  # a tenth to scan and a tenth to route
    assert row.latency_p50_ms is not None and row.latency_p50_ms.mean == 3
    assert row.per_query == pytest.approx({"a": 0.3, "b": 0.6})


def test_one_seed_has_no_deviation_and_what_was_not_counted_no_spread():
    (row,) = Records().add("bm25", LOW, budget=None, spent=1.0, scan_macs=None).rows
    assert row.spent == Spread(1.0, None)
    assert row.macs is None


def test_the_interval_is_over_queries_not_over_seeds():
    measured = Records().add("ivf", LOW, seed=0).add("ivf", HIGH, seed=1)
    low, high = measured.rows[0].interval
    error = np.std(list(LOW.values())) / np.sqrt(len(LOW))
    assert low == pytest.approx(0.45 - 1.96 * error, abs=0.02)
    assert high == pytest.approx(0.45 + 1.96 * error, abs=0.02)


def test_budgets_kinds_of_budget_datasets_and_settings_are_rows_of_their_own():
    measured = Records().add("ivf", LOW, settings={"ivf": {"lists": 8}})
    measured.add("ivf", LOW, settings={"ivf": {"lists": 8}}, budget=0.2)
    measured.add("ivf", LOW, settings={"ivf": {"lists": 8}}, kind="macs")
    measured.add("ivf", LOW, settings={"ivf": {"lists": 8}}, dataset="e")
    measured.add("ivf", LOW, settings={"ivf": {"lists": 16}})
    assert [
        (row.dataset, row.label, row.budget.limit, row.budget.kind) for row in measured.rows
    ] == [
        ("d", "ivf ivf.lists=8", 0.1, "visited"),
        ("d", "ivf ivf.lists=8", 0.2, "visited"),
        ("d", "ivf ivf.lists=8", 0.1, "macs"),
        ("e", "ivf ivf.lists=8", 0.1, "visited"),
        ("d", "ivf ivf.lists=16", 0.1, "visited"),
    ]


def test_records_that_are_not_ok_count_for_nothing():
    measured = Records().add("ivf", LOW).add("ivf", HIGH, seed=1, failure=BROKEN)
    assert [row.seeds for row in measured.rows] == [(0,)]


def test_two_records_of_a_seed_are_refused():
    with pytest.raises(InputError, match="ivf-0 and ivf-1 differ in data, encoder or device"):
        Records().add("ivf", LOW).add("ivf", HIGH).rows  # noqa: B018


def test_seeds_with_other_queries_are_refused():
    with pytest.raises(InputError, match="ivf-0 and ivf-1 were measured on different queries"):
        Records().add("ivf", LOW).add("ivf", {**HIGH, "more": 1.0}, seed=1).rows  # noqa: B018


def test_a_method_is_compared_at_the_same_budget():
    measured = Records().add("ivf", LOW).add("ivf", HIGH, budget=0.2)
    measured.add("ehi", HIGH).add("ehi", HIGH, budget=0.2)
    comparison = compare(measured.rows, "ivf")
    assert comparison.baseline == "ivf"
    assert comparison.differences[:2] == [None, None]
    at_a_tenth, at_a_fifth = comparison.differences[2:]
    assert at_a_tenth is not None
    assert at_a_tenth.mean == pytest.approx(0.2)
    assert at_a_tenth.p == pytest.approx(2 * 2 / 256)  # Holm: twice the smaller of two
    assert at_a_fifth == Difference(0.0, 1.0)


def test_queries_are_matched_by_id():
    backwards = dict(reversed(HIGH.items()))
    forwards = compare(Records().add("ivf", LOW).add("ehi", HIGH).rows, "ivf")
    assert compare(Records().add("ivf", LOW).add("ehi", backwards).rows, "ivf") == forwards


def test_p_is_of_the_means_over_seeds():
    random = np.random.default_rng(0)
    first, second, other = (dict(zip(QUERIES, row, strict=True)) for row in random.random((3, 8)))
    measured = Records().add("ehi", first, seed=0).add("ehi", second, seed=1)
    measured.add("ivf", other, seed=0).add("ivf", other, seed=1)
    difference = compare(measured.rows, "ivf").differences[0]
    means = np.array([(first[query] + second[query]) / 2 for query in QUERIES])
    p = paired_randomisation(means, np.array(list(other.values())), seed=0)
    assert difference is not None and difference.p == pytest.approx(p)


def test_means_over_other_seeds_are_not_compared():
    measured = Records().add("ehi", HIGH, seed=0).add("ehi", HIGH, seed=1).add("ivf", LOW, seed=0)
    with pytest.raises(InputError, match="ehi has the seeds 0, 1 and ivf 0; run the missing ones"):
        compare(measured.rows, "ivf")


def test_a_baseline_without_a_budget_is_compared_with_at_every_budget():
    measured = Records().add("exact", HIGH, budget=None)
    measured.add("ivf", LOW).add("ivf", LOW, budget=0.5, kind="macs")
    differences = compare(measured.rows, "exact").differences
    assert differences[0] is None
    assert [d.mean for d in differences[1:] if d] == pytest.approx([-0.2, -0.2])


def test_a_method_without_a_budget_is_not_compared_with_one_that_has():
    measured = Records().add("exact", HIGH, budget=None).add("ivf", LOW).add("ehi", LOW)
    assert compare(measured.rows, "ivf").differences == [None, None, Difference(0.0, 1.0)]


def test_a_baseline_is_one_setting():
    measured = Records().add("ehi", HIGH)
    measured.add("ivf", LOW, settings={"ivf": {"lists": 8}})
    measured.add("ivf", HIGH, settings={"ivf": {"lists": 16}})
    with pytest.raises(InputError, match=r"of: 'ivf ivf\.lists=8', 'ivf ivf\.lists=16'"):
        compare(measured.rows, "ivf")
    ehi, own, other = compare(measured.rows, "ivf ivf.lists=8").differences
    assert own is None
    assert ehi == other and ehi is not None and ehi.mean == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("measured", "message"),
    [
        (
            Records().add("ehi", LOW),
            "'ivf' is not among the records shown; compare with one of: ehi",
        ),
        (Records(), "compare with one of: none"),
        (Records().add("ivf", LOW), "nothing to compare with ivf; show other methods"),
        (
            Records().add("ivf", LOW).add("ehi", LOW, budget=0.2),
            "ivf is not measured on d at 20 %, but ehi is",
        ),
        (
            Records().add("ivf", LOW).add("ehi", LOW, kind="macs"),
            "ivf is not measured on d at 10 % MACs",
        ),
        (
            Records().add("ivf", LOW).add("ehi", {**LOW, "more": 1.0}),
            "different queries of d; measure both on the same data",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(measured: Records, message: str):
    with pytest.raises(InputError, match=message):
        compare(measured.rows, "ivf")


def cells(rows: list[Row], baseline: str | None = None) -> list[list[str]]:
    """Return the text of a table, header first, row by row."""
    table = summary_table(rows, "nDCG@10", compare(rows, baseline) if baseline else None)
    columns = [[str(column.header), *map(str, column.cells)] for column in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def test_the_table_says_what_was_spent_and_what_came_of_it():
    measured = Records()
    measured.add("ivf", LOW, spent=0.08).add("ivf", HIGH, spent=0.1, seed=1)
    measured.add("bm25", dict.fromkeys(QUERIES, 1.0), budget=None, spent=0.07, scan_macs=None)
    low, high = (f"{bound:.3f}".removeprefix("0") for bound in measured.rows[0].interval)
    assert cells(measured.rows) == [
        ["method", "budget", "seeds", "spent", "MACs", "ms", "nDCG@10", "95 % interval"],
        ["ivf", "10 %", "2", "9.00", "20.00", "0.250", ".450 ± .141", f"[{low}, {high}]"],
        ["bm25", "-", "1", "7.00", "", "0.250", "1.000", "[1.000, 1.000]"],
    ]


def test_the_table_says_how_far_a_method_is_from_the_baseline():
    shifted = {query: value - 0.032 for query, value in LOW.items()}
    many = {f"r{i}": 0.5 for i in range(50)}
    measured = Records().add("ivf", LOW).add("ehi", shifted)
    measured.add("ivf", many, dataset="e").add("ehi", dict.fromkeys(many, 0.75), dataset="e")
    table = cells(measured.rows, "ivf")
    assert table[0] == [
        *("dataset", "method", "budget", "seeds", "spent", "MACs", "ms"),
        *("nDCG@10", "95 % interval"),
        *("difference", "corrected"),
    ]
    assert [(row[0], row[1], *row[-2:]) for row in table[1:]] == [
        ("d", "ivf", "", ""),
        ("d", "ehi", "-.032", "p=.008"),
        ("e", "ivf", "", ""),
        ("e", "ehi", "+.250", "p<.001"),
    ]


def test_budgets_are_told_in_their_units():
    measured = Records().add("ivf", LOW, budget=0.5, kind="latency", spent=0.25)
    measured.add("ivf", LOW, budget=0.5, kind="macs", spent=0.25)
    assert [(row[1], row[3]) for row in cells(measured.rows)[1:]] == [
        ("0.5 ms", "0.250"),
        ("50 % MACs", "25.00"),
    ]


def test_a_value_above_one_keeps_its_digits():
    (row,) = cells(Records().add("ivf", {"a": 10.5}).rows)[1:]
    assert row[-2:] == ["10.500", "[10.500, 10.500]"]


def test_the_caption_names_test_correction_queries_and_baseline():
    rows = Records().add("ivf", LOW).add("ehi", HIGH).rows
    assert summary_table(rows, "nDCG@10", compare(rows, "ivf")).caption == (
        "nDCG@10: mean ± standard deviation over seeds, and the bootstrap interval over 8 queries "
        "of d. Difference from ivf at the same budget, with the p of a paired randomisation test "
        "over the queries, Holm-corrected for 1 comparison."
    )
