import pytest

from harness.report.findings.reached_costs import ReachedCost, reached_costs
from harness.report.rows.frontier import AXES
from harness.report.rows.summary import Row
from tests.harness.report.fake_run import row

EXACT = row("exact", None, 0.8)
EHI = [row("ehi", 0.01, 0.7), row("ehi", 0.05, 0.8)]
HNSW = [row("hnsw", 0.01, 0.6), row("hnsw", 0.05, 0.796)]


def costs(*rows: Row, share: float = 0.99) -> dict[str, ReachedCost]:
    return {entry.label: entry for entry in reached_costs(rows, "nDCG@10", AXES[0], share)}


def test_costs_are_interpolated_and_held_against_the_cheapest_baseline():
    found = costs(EXACT, *EHI, *HNSW, row("ivf", 0.05, 0.792))
    # 99 % of .8 is .792: .92 of the way from .7 to .8, and .192 / .196 from .6 to .796.
    assert found["ehi"].reach.cost == pytest.approx(1 + 0.92 * 4)
    assert found["hnsw"].reach.cost == pytest.approx(1 + 0.192 / 0.196 * 4)
    assert found["hnsw"].is_cheapest_baseline
    assert found["ehi"].ratio == pytest.approx(4.68 / 4.918, rel=0.001)
    assert list(found) == ["ehi", "hnsw", "ivf"]


def test_a_point_that_another_point_of_its_method_beats_does_not_count():
    bend = row("ehi", 0.03, 0.5)  # dearer than 1 %, and worse
    assert costs(EXACT, *EHI, bend)["ehi"].reach == costs(EXACT, *EHI)["ehi"].reach


def test_what_does_not_reach_the_quality_comes_last_with_its_best():
    found = costs(EXACT, row("ehi", 0.01, 0.72), *HNSW)
    assert list(found) == ["hnsw", "ehi"]
    assert found["ehi"].reach.cost is None and found["ehi"].ratio is None
    assert found["ehi"].best_share == pytest.approx(0.9)


def test_two_costs_that_may_both_be_lower_have_no_ratio():
    found = costs(EXACT, row("ehi", 0.01, 0.8), row("ivf", 0.05, 0.8))
    assert found["ehi"].reach.at_most and found["ivf"].is_cheapest_baseline
    assert found["ehi"].ratio is None


def test_without_exact_search_there_is_nothing_to_reach():
    assert costs(*EHI) == {}
