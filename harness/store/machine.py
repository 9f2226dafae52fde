"""Describe the processor and how libraries were compiled: what search times depend on.

Linux reports all of it; elsewhere, and in a virtual machine, some of it is unknown.
"""

import platform
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

CPUINFO = Path("/proc/cpuinfo")
CORES = Path("/sys/devices/system/cpu")
INSTRUCTIONS = (
    *("sse4_2", "avx", "avx2", "fma", "f16c"),
    *("avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512_vnni", "avx512_vpopcntdq"),
    *("avx512_bf16", "avx512_fp16", "avx_vnni", "amx_tile", "amx_int8", "amx_bf16"),
    *("asimd", "asimddp", "i8mm", "bf16", "sve", "sve2"),
)
"""The flags of a processor that vector search gains from, on x86 and ARM."""


def machine(cpuinfo: Path = CPUINFO, cores: Path = CORES) -> dict[str, Any]:
    """Return the fields of a provenance that describe the processor, None for what is unknown."""
    frequencies = cores / "cpu0" / "cpufreq"
    kilohertz = _read(frequencies / "cpuinfo_max_freq")
    return {
        "processor": _field(cpuinfo, "model name") or platform.processor() or platform.machine(),
        "instruction_set": _instruction_set(cpuinfo),
        "caches": _caches(cores / "cpu0" / "cache"),
        "governor": _read(frequencies / "scaling_governor"),
        "max_mhz": None if kilohertz is None else int(kilohertz) / 1000,
        "turbo": _turbo(cores),
    }


def builds() -> dict[str, str]:
    """Return how the installed libraries that search were compiled, as far as they report it."""
    return {
        name: text
        for name, text in (("faiss", _faiss_build()), ("hnswlib", _hnswlib_build()))
        if text
    }


def _faiss_build() -> str | None:
    """Return the compile options of Faiss, and the level of instructions that it runs."""
    if find_spec("faiss") is None:
        return None
    import faiss

    options = " ".join(faiss.get_compile_options().split())
    if not hasattr(faiss, "SIMDConfig"):  # before Faiss 1.14
        return options
    return f"{options}, runs {faiss.SIMDConfig.get_level_name()}"


def _hnswlib_build() -> str | None:
    """Return the instructions that hnswlib has distance functions for, and its compiler.

    The flags themselves are not in the module, but each of these functions is compiled only if the
    flags allow its instructions.
    """
    spec = find_spec("hnswlib")
    if spec is None or spec.origin is None:
        return None
    return compiled_for(Path(spec.origin).read_bytes())


def compiled_for(module: bytes) -> str | None:
    """Return what a compiled module of hnswlib reveals about its instructions and its compiler."""
    functions = re.findall(rb"InnerProductSIMD16Ext(AVX512|AVX|SSE)", module)
    compiler = re.search(rb"(?:GCC: |clang version )[ -~]+", module)
    parts = [
        " ".join(name.decode() for name in sorted(set(functions))),
        compiler.group().decode() if compiler else "",
    ]
    return ", ".join(part for part in parts if part) or None


def _instruction_set(cpuinfo: Path) -> str | None:
    flags = (_field(cpuinfo, "flags") or _field(cpuinfo, "Features") or "").split()
    return " ".join(name for name in INSTRUCTIONS if name in flags) or None


def _caches(folder: Path) -> dict[str, str]:
    """Return the sizes of the data caches of a core, by level: {"L1": "32K", "L2": "1024K"}."""
    caches = {}
    for cache in sorted(folder.glob("index*")):
        level, kind, size = (_read(cache / name) for name in ("level", "type", "size"))
        if level and size and kind in ("Data", "Unified"):
            caches[f"L{level}"] = size
    return caches


def _turbo(cores: Path) -> bool | None:
    """Return whether the processor may exceed its base frequency."""
    without = _read(cores / "intel_pstate" / "no_turbo")
    if without is not None:
        return without == "0"
    boost = _read(cores / "cpufreq" / "boost")
    return None if boost is None else boost == "1"


def _field(cpuinfo: Path, name: str) -> str | None:
    """Return the value of the first line of /proc/cpuinfo with this name."""
    for line in (_read(cpuinfo) or "").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return None


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8").strip() or None
    except OSError:
        return None
