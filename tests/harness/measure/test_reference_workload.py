import pytest

from harness.measure import reference_workload
from harness.measure.reference_workload import ReferenceWorkload
from methods.base import no_progress


def test_a_round_times_the_product_and_the_scan_in_milliseconds():
    times = ReferenceWorkload(no_progress).round()
    assert times.keys() == {"product", "scan"}
    # 2 x 512^3 operations, or reading 64 MiB, takes neither a tenth of a millisecond nor seconds.
    assert all(0.1 < milliseconds < 5_000 for milliseconds in times.values())


def test_eight_times_the_operations_take_longer(monkeypatch: pytest.MonkeyPatch):
    product = ReferenceWorkload(no_progress).round()["product"]
    monkeypatch.setattr(reference_workload, "SIDE", 1024)
    assert ReferenceWorkload(no_progress).round()["product"] > 2 * product


def test_the_scanned_matrix_is_larger_than_a_cache():
    assert reference_workload.ROWS * reference_workload.COLUMNS * 4 == 64 << 20
