from pathlib import Path

import pytest

from harness.report.findings.growing_costs import (
    GrowingCost,
    growing_costs,
    growth_exponent,
    per_query,
)
from harness.report.rows.frontier import AXES
from harness.report.rows.growth import Growth
from tests.harness.report.fake_growth import EXPONENTS, growth_of, write_size, write_sizes

VISITED, MACS, LATENCY = AXES


def costs(growth: Growth, axis: int = 0, share: float = 0.9) -> dict[str, GrowingCost]:
    return {entry.label: entry for entry in growing_costs(growth, AXES[axis], share)}


def test_exponents_are_those_of_the_costs(tmp_path: Path):
    growth = growth_of(write_sizes(tmp_path))
    for axis in range(3):
        for share in (0.9, 0.95):
            found = costs(growth, axis, share)
            expected = {**EXPONENTS, "exact": 1.0}
            assert {label: found[label].exponent for label in found} == pytest.approx(expected)


def test_costs_are_documents_and_the_multiply_adds_of_documents_and_microseconds(tmp_path: Path):
    growth = growth_of(write_sizes(tmp_path))
    for axis in range(3):
        assert costs(growth, axis)["ivf"].cost(10_000) == pytest.approx(100)
        assert costs(growth, axis, 0.95)["ivf"].cost(1_000_000) == pytest.approx(2000)
        assert costs(growth, axis)["exact"].cost(100_000) == pytest.approx(100_000)
    units = [per_query(axis, 100).unit for axis in AXES]
    assert units == ["per query", "as documents scored", "µs, one thread"]


def test_a_cost_between_two_points_is_interpolated(tmp_path: Path):
    folders = [
        write_size(tmp_path / str(size), size, {"ivf": 0.5}, {0.8: 1.0, 1.0: 3.0})
        for size in (100, 10_000)
    ]
    ivf = costs(growth_of(folders))["ivf"]
    assert [ivf.cost(size) for size in (100, 10_000)] == pytest.approx([20, 200])


def test_methods_are_in_order_of_their_cost_at_the_largest_size(tmp_path: Path):
    small = write_size(tmp_path / "small", 100, {"scann": 0.1, **EXPONENTS})
    large = write_size(tmp_path / "large", 10_000)
    assert list(costs(growth_of([small, large]))) == ["hnsw", "ivf", "ehi", "exact", "scann"]


def test_a_share_that_is_not_found_has_no_cost_and_comes_last(tmp_path: Path):
    small = write_size(tmp_path / "small", 100)
    large = write_size(tmp_path / "large", 10_000, {"ehi": 0.75}, {0.8: 1.0, 0.85: 2.0})
    found = costs(growth_of([small, large]))
    assert next(iter(found)) == "exact"
    assert found["ehi"].cost(10_000) is None and 10_000 in found["ehi"].reached
    assert 10_000 not in found["ivf"].reached  # it was not measured there
    assert found["ehi"].exponent is None


def test_a_bound_is_no_cost_to_take_an_exponent_of(tmp_path: Path):
    small = write_size(tmp_path / "small", 100, {"ivf": 0.5}, {0.97: 1.0})
    others = write_sizes(tmp_path, (1_000, 10_000))
    ivf = costs(growth_of([small, *others]))["ivf"]
    assert ivf.reached[100].at_most and not ivf.reached[1_000].at_most
    assert ivf.exponent == pytest.approx(0.5)


def test_only_two_stage_methods_are_baselines(tmp_path: Path):
    found = costs(growth_of(write_sizes(tmp_path)))
    assert {label for label, entry in found.items() if entry.is_baseline} == {"ivf", "hnsw"}


def test_an_exponent_is_the_slope_through_all_sizes():
    assert growth_exponent({10: 3.0, 1000: 30.0}) == pytest.approx(0.5)
    # Logarithms of costs 0, 1, 1 at those of documents 1, 2, 3: a slope of 1 / 2.
    assert growth_exponent({10: 1.0, 100: 10.0, 1000: 10.0}) == pytest.approx(0.5)


def test_one_cost_has_no_exponent_and_0_is_not_known():
    assert growth_exponent({10: 3.0}) is None
    assert growth_exponent({10: 0.0, 100: 3.0}) is None
