import subprocess
import sys
import time

import numpy as np
import pytest

from harness.measure.memory import STATUS, anonymous_peak, own_bytes, peak_bytes, status_bytes


def test_own_bytes_count_arrays_and_not_mapped_files(tmp_path):
    np.save(tmp_path / "mapped.npy", np.ones(16 << 20, dtype=np.float32))
    before = own_bytes()
    mapped = np.load(tmp_path / "mapped.npy", mmap_mode="r")
    assert mapped.sum() == 16 << 20  # reads every page
    assert own_bytes() - before < 8 << 20
    held = np.ones(16 << 20, dtype=np.float32)
    assert held.nbytes <= own_bytes() - before < held.nbytes + (8 << 20)


def test_a_process_does_not_inherit_the_peak_of_its_parent():
    held = np.ones(64 << 20, dtype=np.float32)
    program = "from harness.measure.memory import peak_bytes; print(peak_bytes())"
    command = [sys.executable, "-c", program]
    peak = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert peak < held.nbytes


def test_the_peak_stays_after_memory_is_freed():
    before = peak_bytes()
    held = np.ones(64 << 20, dtype=np.float32)
    assert peak_bytes() >= before and peak_bytes() >= held.nbytes
    del held
    assert peak_bytes() >= 256 << 20


@pytest.mark.skipif(not STATUS.exists(), reason="only Linux counts anonymous memory")
def test_the_anonymous_peak_counts_what_was_freed_but_no_mapped_file(tmp_path):
    np.save(tmp_path / "mapped.npy", np.ones(64 << 20, dtype=np.float32))
    before = status_bytes("RssAnon")
    with anonymous_peak() as peak:
        assert np.load(tmp_path / "mapped.npy", mmap_mode="r").sum() == 64 << 20
        held = np.ones(32 << 20, dtype=np.float32)
        time.sleep(0.1)
        del held
    assert 120 << 20 < peak.bytes - before < 160 << 20
