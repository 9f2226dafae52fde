import json
import os
import re
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest

from harness.store.provenance import Provenance, provenance, slurm_job
from methods.devices import Devices
from methods.registry import components


def test_the_command_can_be_pasted_into_a_shell(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "argv", ["/usr/bin/ehibench", "run", "--out", "my run"])
    assert provenance(Devices(), 2)["command"] == "ehibench run --out 'my run'"


def test_installed_libraries_have_their_version_and_missing_ones_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("harness.store.provenance.RECORDED", ("numpy", "no-such-library"))
    assert provenance(Devices(), 2)["versions"] == {"numpy": version("numpy")}


def test_every_library_of_a_method_is_recorded_if_it_is_installed():
    modules = {each.module for part in components().values() for each in part.requires}
    installed = packages_distributions()
    assert {"faiss", "ngtpy"} <= modules
    for module in modules & installed.keys():
        assert set(installed[module]) & provenance(Devices(), 2)["versions"].keys(), module


def test_the_commit_is_that_of_the_checkout():
    git = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    head = subprocess.run(git, capture_output=True, text=True)
    commit = provenance(Devices(), 2)["commit"]
    if head.returncode:  # an export without its history
        assert commit is None
    else:
        assert commit.removesuffix("+changes") == head.stdout.strip()


def test_machine_and_time_are_recorded():
    origin = provenance(Devices(), 2)
    assert (origin["device"], origin["device_name"], origin["threads"]) == ("cpu", None, 2)
    assert origin["cores"] == os.cpu_count() and origin["memory_gib"] > 0 and origin["processor"]
    assert re.fullmatch(r"3\.\d+\.\d+.*", origin["python"])
    age = datetime.now(UTC) - datetime.fromisoformat(origin["time"])
    assert timedelta(seconds=-1) < age < timedelta(minutes=1)


def test_a_slurm_job_says_whether_it_had_the_whole_node():
    job = {"SLURM_JOB_ID": "7", "SLURMD_NODENAME": "n1", "SLURM_CPUS_ON_NODE": "8"}
    assert slurm_job(job, cores=8) == {"job": "7", "node": "n1", "use": "whole node"}
    assert slurm_job(job, cores=16)["use"] == "shared node"
    assert slurm_job({}, cores=8) == {}


def test_it_fits_into_a_record():
    origin = Provenance(**provenance(Devices(), 2))
    assert json.loads(json.dumps(asdict(origin))) == asdict(origin)
