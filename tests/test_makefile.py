"""The Makefile's targets for a GPU run where optional libraries are missing."""

import json
import shlex
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from tests.missing_libraries import ROOT, environment_without

OPTIONAL = (
    *("faiss", "hnswlib", "ngtpy", "scann", "bm25s"),
    *("datasets", "ir_datasets", "hypothesis", "duckdb", "playwright"),
)
MAKE = ["make", "--no-print-directory", "--file", str(ROOT / "Makefile")]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")


def printed(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> str:
    """Run a command in a folder, and return what it printed."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def recipe(target: str, *variables: str) -> list[list[str]]:
    """Return the commands of a target."""
    lines = printed([*MAKE, "--dry-run", target, f"PYTHON={sys.executable}", *variables], ROOT)
    return [shlex.split(line) for line in lines.splitlines()]


def test_tests_for_a_gpu_are_found_where_optional_libraries_are_missing(tmp_path: Path):
    environment = environment_without(*OPTIONAL, folder=tmp_path)
    # The plugin of hypothesis is installed apart from it, and would miss it.
    options = ["--collect-only", "-p", "no:hypothesispytest", "-p", "no:cacheprovider"]
    commands = recipe("test-gpu")
    found = "".join(printed([*command, *options], ROOT, environment) for command in commands)
    assert "test_timing.py::test_on_a_gpu_encoding_is_timed" in found
    assert "test_scan.py::test_only_the_probed_lists_are_searched" in found


def test_the_bench_for_a_gpu_runs_on_a_cpu_without_faiss(tiny_encoder: Path, tmp_path: Path):
    (command,) = recipe("bench-gpu", f"ENCODER={tiny_encoder}")
    command += ["--documents", "300", "--seconds", "0", "--out", str(tmp_path / "bench.json")]
    environment = environment_without("faiss", folder=tmp_path)
    text = printed(command, ROOT, {**environment, "EHIBENCH_CACHE": str(tmp_path / "cache")})
    measured = json.loads((tmp_path / "bench.json").read_text())
    assert measured["encoder"] == str(tiny_encoder)
    timed = [(row["index"], row["dtype"], row["batch"]) for row in measured["searches"]]
    assert timed == [
        (index, dtype, batch)
        for dtype, index, batch in product(
            ("fp32", "fp16", "bf16"), ("ivf", "ehi"), (1, 32, 1024, 8192)
        )
    ]
    assert [row["dtype"] for row in measured["scan"]] == ["fp32", "fp16", "bf16"]
    assert all(row["share"] > 0 for row in [*measured["scan"], measured["training"]])
    assert "ehi bf16, batch 8192: " in text
    figures = sorted(path.name for path in tmp_path.glob("bench*.png"))
    assert figures == ["bench-bf16.png", "bench-fp16.png", "bench-fp32.png"]


def test_the_report_from_a_gpu_names_the_runs_that_are_there(tmp_path: Path):
    (tmp_path / "results/runs/gpu-hpo").mkdir(parents=True)
    echo = [*MAKE, "--silent", "report-gpu", "PYTHON=echo", "ENCODER=halves"]
    *runs, report = printed(echo, tmp_path).splitlines()
    assert all("--set encoder.name=halves" in run for run in runs) and len(runs) == 4
    assert report == "-m harness.cli report results/runs/gpu-hpo --out reports/gpu"
