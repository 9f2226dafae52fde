"""What is found out once about an encoder on a machine: its width, and whether bf16 pays."""

import json
import platform
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

SAMPLE = [
    "a sentence of some twenty words that stands for the texts a corpus is usually made of"
] * 64
MIN_BF16_SPEEDUP = 1.05
ROUNDS = 5


@dataclass(frozen=True)
class EncoderProfile:
    """The width of an encoder's output and the measured gain of bf16 autocast (0: no bf16 here)."""

    machine: str
    dimensions: int
    bf16_speedup: float

    @property
    def bf16_pays(self) -> bool:
        """Say whether bf16 was measured to be faster than fp32."""
        return self.bf16_speedup > MIN_BF16_SPEEDUP


def machine_name(device: str) -> str:
    """Return the GPU's name, or the processor's architecture and instruction set."""
    if device == "cuda":
        return torch.cuda.get_device_name()
    return f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}"


def remembered_profile(note: Path, device: str) -> EncoderProfile | None:
    """Return the profile kept in `note` if it was made on such a machine.

    It is kept so that a machine always chooses the same arithmetic for the same encoder.
    """
    try:
        profile = EncoderProfile(**json.loads(note.read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return profile if profile.machine == machine_name(device) else None


def measure_profile(transformer: "SentenceTransformer", note: Path, device: str) -> EncoderProfile:
    """Measure the profile and keep it in `note`."""
    profile = EncoderProfile(
        machine=machine_name(device),
        dimensions=int(transformer.encode("width").shape[0]),
        bf16_speedup=round(_bf16_speedup(transformer, device), 2) if _has_bf16(device) else 0.0,
    )
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps(asdict(profile)))
    return profile


def _has_bf16(device: str) -> bool:
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _bf16_speedup(transformer: "SentenceTransformer", device: str) -> float:
    """Return the fastest fp32 round over the fastest bf16 round, the two taking turns."""
    fastest = {False: float("inf"), True: float("inf")}
    for _round in range(ROUNDS):
        for enabled in fastest:
            with torch.autocast(device, dtype=torch.bfloat16, enabled=enabled):
                started = time.perf_counter()
                transformer.encode(SAMPLE, batch_size=len(SAMPLE), show_progress_bar=False)
                seconds = time.perf_counter() - started
            fastest[enabled] = min(fastest[enabled], seconds)
    return fastest[False] / fastest[True]
