"""What an NVIDIA GPU runs at while something is timed: clocks, power and temperature."""

import shutil
import subprocess

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
    """Return the state of the first GPU with its units, as nvidia-smi tells; empty without it."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return {}
    words = [program, f"--query-gpu={','.join(FIELDS)}", "--format=csv,noheader", "--id=0"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=10)
    if done.returncode:
        return {}
    return parsed_state(done.stdout)


def parsed_state(line: str) -> dict[str, str]:
    """Return the fields of a line that nvidia-smi prints."""
    return dict(zip(FIELDS, (part.strip() for part in line.strip().split(",")), strict=True))
