import subprocess
import sys

import numpy as np

from harness.measure.memory import own_bytes, peak_bytes


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
