import subprocess
import sys

import numpy as np

from harness.measure.memory import own_bytes, peak_bytes


def test_memory_of_its_own_is_counted_and_mapped_files_are_not(tmp_path):
    np.save(tmp_path / "mapped.npy", np.ones(16 << 20, dtype=np.float32))
    before = own_bytes()
    mapped = np.load(tmp_path / "mapped.npy", mmap_mode="r")
    assert mapped.sum() == 16 << 20  # every page was read
    assert own_bytes() - before < 8 << 20
    held = np.ones(16 << 20, dtype=np.float32)
    assert held.nbytes <= own_bytes() - before < held.nbytes + (8 << 20)


def test_the_peak_is_not_that_of_the_process_that_started_this_one():
    held = np.ones(64 << 20, dtype=np.float32)
    program = "from harness.measure.memory import peak_bytes; print(peak_bytes())"
    command = [sys.executable, "-c", program]
    peak = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert peak < held.nbytes


def test_the_peak_stays():
    before = peak_bytes()
    held = np.ones(64 << 20, dtype=np.float32)
    assert peak_bytes() >= before and peak_bytes() >= held.nbytes
    del held
    assert peak_bytes() >= 256 << 20
