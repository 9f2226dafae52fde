"""What an NVIDIA GPU runs at while something is timed: clocks, power and temperature."""

import os
import shutil
import subprocess

ANSWER_SECONDS = 10

FIELDS = (
    "name",
    "driver_version",
    "clocks.sm",
    "clocks.mem",
    "clocks.max.sm",
    "power.draw",
    "power.limit",
    "temperature.gpu",
    "clocks_throttle_reasons.active",
)


def gpu_state() -> dict[str, str]:
    """Return the state of the first visible GPU with its units; empty if nvidia-smi is silent."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return {}
    gpu = os.environ.get("CUDA_VISIBLE_DEVICES", "").partition(",")[0].strip() or "0"
    words = [program, f"--query-gpu={','.join(FIELDS)}", "--format=csv,noheader", f"--id={gpu}"]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=ANSWER_SECONDS)
    except subprocess.TimeoutExpired:
        return {}
    if done.returncode:
        return {}
    return parsed_state(done.stdout)


def parsed_state(line: str) -> dict[str, str]:
    """Return the fields of a line that nvidia-smi prints; empty if it is another line."""
    parts = [part.strip() for part in line.strip().split(",")]
    return dict(zip(FIELDS, parts, strict=True)) if len(parts) == len(FIELDS) else {}
