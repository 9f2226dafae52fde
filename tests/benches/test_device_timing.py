import numpy as np
import pytest

from tests.benches.device_timing import MIN_CALLS, WARM_UP, time_batch_sizes, time_on_device

QUERIES = np.zeros((3, 2), dtype=np.float32)


def test_every_size_is_warmed_up_and_timed_with_and_without_transfers():
    searched: list[tuple[str, int]] = []

    def on_device(batch: np.ndarray):
        return lambda: searched.append(("moved", len(batch)))

    times = time_batch_sizes(
        lambda batch: searched.append(("whole", len(batch))), on_device, QUERIES, 0, "cpu", [1, 8]
    )
    assert [each.batch for each in times] == [1, 8]
    calls = WARM_UP + MIN_CALLS
    for size in (1, 8):
        assert searched.count(("moved", size)) == searched.count(("whole", size)) == calls
    assert times[1].on_device.timed == times[1].with_transfers.timed == MIN_CALLS
    assert times[1].queries_per_second == pytest.approx(8e3 / times[1].with_transfers.p50)


@pytest.mark.gpu
def test_device_events_see_the_work_that_a_call_only_starts():
    import torch

    large = torch.rand(8192, 8192, device="cuda")
    assert time_on_device(lambda: large @ large, 0.1, "cuda") > 1
