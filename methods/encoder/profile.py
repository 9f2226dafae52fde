"""Measure an encoder once per machine: the width of its output and the speed-up by bf16."""

import json
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from methods.base import ProgressBar
from methods.errors import InputError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

SAMPLE = [
    "a sentence of some twenty words that stands for the texts a corpus is usually made of"
] * 64
MIN_BF16_SPEEDUP = 1.05  # bf16 is used only above this measured speed-up
ROUNDS = 5


@dataclass(frozen=True)
class EncoderProfile:
    """The width of an encoder's output and the speed-up by bf16 autocast (0: not supported)."""

    machine: str
    dimensions: int
    bf16_speedup: float

    @property
    def bf16_pays(self) -> bool:
        """Whether bf16 was measured to be faster than fp32."""
        return self.bf16_speedup > MIN_BF16_SPEEDUP


def encoder_profile(
    note: Path, device: str, load: Callable[[], "SentenceTransformer"], progress: ProgressBar
) -> EncoderProfile:
    """Return the profile in `note`; measure it first if there is none for this machine."""
    profile = remembered_profile(note, device)
    if profile is None:
        transformer = load()
        with progress("Measuring bf16 against fp32", 1):
            profile = measure_profile(transformer, note, device)
    return profile


def machine_name(device: str) -> str:
    """Return the name of the GPU, or the architecture and instruction set of the processor."""
    if device == "cuda":
        return torch.cuda.get_device_name()
    return f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}"


def remembered_profile(note: Path, device: str) -> EncoderProfile | None:
    """Return the profile stored in `note`, or None if there is none for this kind of machine.

    Thus a machine always uses the same precision for the same encoder.
    """
    try:
        profile = EncoderProfile(**json.loads(note.read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return profile if profile.machine == machine_name(device) else None


def measure_profile(transformer: "SentenceTransformer", note: Path, device: str) -> EncoderProfile:
    """Measure the profile and store it in `note`."""
    profile = EncoderProfile(
        machine=machine_name(device),
        dimensions=_dimensions(transformer),
        bf16_speedup=round(_bf16_speedup(transformer, device), 2) if _has_bf16(device) else 0.0,
    )
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps(asdict(profile)))
    return profile


def _dimensions(transformer: "SentenceTransformer") -> int:
    """Return the width of the output. Raise InputError if queries have another than documents."""
    queries, documents = (
        int(transformer.encode("width", task=kind).shape[0]) for kind in ("query", "document")
    )
    if queries != documents:
        raise InputError(
            f"the encoder's queries have {queries} dimensions and its documents {documents}; "
            "indexes search by inner product, so both need the same"
        )
    return documents


def _has_bf16(device: str) -> bool:
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _bf16_speedup(transformer: "SentenceTransformer", device: str) -> float:
    """Return the time of the fastest fp32 round over that of the fastest bf16 round.

    The two take turns, so that a busy machine slows both.
    """
    fastest = {False: float("inf"), True: float("inf")}
    for _round in range(ROUNDS):
        for enabled in fastest:
            with torch.autocast(device, dtype=torch.bfloat16, enabled=enabled):
                started = time.perf_counter()
                transformer.encode(
                    SAMPLE, task="document", batch_size=len(SAMPLE), show_progress_bar=False
                )
                seconds = time.perf_counter() - started
            fastest[enabled] = min(fastest[enabled], seconds)
    return fastest[False] / fastest[True]
