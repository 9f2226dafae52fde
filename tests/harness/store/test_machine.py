"""The processor is described by what Linux reports, and libraries by what they reveal."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from harness.store.machine import builds, compiled_for, machine

X86 = """processor\t: 0
model name\t: AMD EPYC
flags\t\t: fpu sse4_2 avx fma avx2 syscall avx512f
processor\t: 1
model name\t: other
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files below a folder, by their paths, as Linux does in /sys."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return folder


def test_the_processor_of_a_server(tmp_path: Path):
    cores = {
        "cpu0/cache/index0/level": "1",
        "cpu0/cache/index0/type": "Data",
        "cpu0/cache/index0/size": "32K",
        "cpu0/cache/index1/level": "1",
        "cpu0/cache/index1/type": "Instruction",
        "cpu0/cache/index1/size": "64K",
        "cpu0/cache/index3/level": "3",
        "cpu0/cache/index3/type": "Unified",
        "cpu0/cache/index3/size": "32768K",
        "cpu0/cpufreq/scaling_governor": "performance",
        "cpu0/cpufreq/cpuinfo_max_freq": "3700000",
        "cpufreq/boost": "1",
    }
    (tmp_path / "cpuinfo").write_text(X86)
    assert machine(tmp_path / "cpuinfo", write(tmp_path / "cpu", cores)) == {
        "processor": "AMD EPYC",
        "instruction_set": "sse4_2 avx avx2 fma avx512f",
        "caches": {"L1": "32K", "L3": "32768K"},
        "governor": "performance",
        "max_mhz": 3700.0,
        "turbo": True,
    }


@pytest.mark.parametrize(("no_turbo", "turbo"), [("0", True), ("1", False)])
def test_intel_says_when_there_is_no_turbo(tmp_path: Path, no_turbo: str, turbo: bool):
    cores = write(tmp_path, {"intel_pstate/no_turbo": no_turbo})
    assert machine(tmp_path / "cpuinfo", cores)["turbo"] is turbo


def test_what_a_virtual_machine_hides_is_unknown(tmp_path: Path):
    hidden = machine(tmp_path / "cpuinfo", tmp_path / "cpu")
    assert hidden.pop("processor") and hidden.pop("caches") == {}
    assert set(hidden.values()) == {None}


def test_the_compiled_module_of_hnswlib_tells_its_instructions():
    native = b"\0_ZN7hnswlibL27InnerProductSIMD16ExtAVX512EPK\0InnerProductSIMD16ExtSSE\0"
    assert compiled_for(native + b"GCC: (Debian 12.2.0) 12.2.0\0") == (
        "AVX512 SSE, GCC: (Debian 12.2.0) 12.2.0"
    )
    assert compiled_for(b"HW_AVX512F\0") is None


@pytest.mark.skipif(find_spec("faiss") is None, reason="needs Faiss")
def test_faiss_tells_its_compile_options():
    import faiss

    assert builds()["faiss"].startswith(" ".join(faiss.get_compile_options().split()))
