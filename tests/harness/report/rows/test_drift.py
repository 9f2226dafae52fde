"""The rows of a drift over seeds, and the differences of adding from the other arms."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from harness.plan.drift import ARMS
from harness.report.rows.drift import DriftRow, drift_differences, drift_rows, shown_drift_parts
from harness.store.drifts import DriftRecord
from tests.harness.report.fake_drift import make_drift

QUERIES = np.linspace(0.3, 0.9, 10)


def rows_of(records: Sequence[DriftRecord], **shift: float) -> list[DriftRow]:
    """Return the rows; the values of every query are raised by the shift of the arm."""
    values = {r.cell: list(QUERIES + shift.get(r.arm, 0.0)) for r in records}
    return drift_rows(records, values)


def test_an_arm_is_a_row_over_its_seeds():
    records = [make_drift(arm, 0.5 + seed / 10, seed=seed) for seed in (0, 1) for arm in ARMS]
    rows = rows_of(records)
    assert [row.arm for row in rows] == list(ARMS) and rows[0].seeds == (0, 1)
    assert rows[0].quality["all"].mean == pytest.approx(0.55)
    assert rows[0].quality["later"].mean == pytest.approx(0.45)
    assert rows[0].recall == pytest.approx(0.75)
    assert [row.seconds for row in rows] == [0.25, 2.0, 32.0]
    assert rows[0].queries == {"all": 10, "seen": 8, "unseen": 2, "first": 6, "later": 4}


def test_budgets_of_a_method_follow_each_other():
    records = [make_drift("added", method=m, limit=b) for b in (0.2, 0.1) for m in ("ivf", "ehi")]
    rows = [(row.method, row.budget.limit) for row in rows_of(records)]
    assert rows == [("ivf", 0.1), ("ivf", 0.2), ("ehi", 0.1), ("ehi", 0.2)]


def test_adding_is_compared_with_both_other_arms():
    records = [make_drift(arm, seed=seed) for seed in (0, 1) for arm in ARMS]
    rebuilt, retrained = drift_differences(rows_of(records, rebuilt=0.0, retrained=0.2))
    assert (rebuilt.other.arm, retrained.other.arm) == ("rebuilt", "retrained")
    assert rebuilt.difference.mean == 0 and rebuilt.difference.conclusion == "cannot tell"
    assert retrained.difference.mean == pytest.approx(-0.2)
    assert retrained.difference.conclusion == "worse"
    assert retrained.difference.p == pytest.approx(2 * 2 / 2**10)  # signs, and two comparisons


def test_a_difference_has_those_of_seen_and_of_unseen_queries():
    rows = rows_of([make_drift("added", 0.5), make_drift("rebuilt", 0.6)])
    (difference,) = drift_differences(rows)
    assert difference.of_part("seen") == pytest.approx(-0.1)
    none_unseen = replace(rows[0], quality={"all": rows[0].quality["all"]})
    assert replace(difference, row=none_unseen).of_part("unseen") is None


def test_parts_are_shown_if_they_are_some_but_not_all_of_the_queries():
    (row,) = rows_of([make_drift("added")])
    assert shown_drift_parts([row]) == ["seen", "unseen"]
    all_seen = {"all": 10, "seen": 10, "first": 6, "later": 4}
    assert shown_drift_parts([replace(row, queries=all_seen)]) == []


def test_arms_with_other_seeds_are_not_compared():
    records = [make_drift("added"), make_drift("added", seed=1), make_drift("rebuilt")]
    assert drift_differences(rows_of(records)) == []
