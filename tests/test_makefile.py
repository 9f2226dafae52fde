"""What the targets of the Makefile run on a machine with a GPU."""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.missing_libraries import ROOT, environment_without

OPTIONAL = (
    *("faiss", "hnswlib", "ngtpy", "scann", "bm25s"),
    *("datasets", "ir_datasets", "hypothesis", "duckdb", "playwright"),
)

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")


def recipe(target: str) -> list[list[str]]:
    """Return the commands of a target."""
    make = ["make", "--dry-run", "--no-print-directory", target, f"PYTHON={sys.executable}"]
    printed = subprocess.run(make, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [shlex.split(line) for line in printed.splitlines()]


def test_tests_for_a_gpu_are_found_where_optional_libraries_are_missing(tmp_path: Path):
    environment = environment_without(*OPTIONAL, folder=tmp_path)
    collected = ""
    for command in recipe("test-gpu"):
        # The plugin of hypothesis is installed apart from it, and would miss it.
        command += ["--collect-only", "-p", "no:hypothesispytest", "-p", "no:cacheprovider"]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        collected += done.stdout
    assert "test_timing.py::test_on_a_gpu_encoding_is_timed" in collected
    assert "test_scan.py::test_only_the_probed_lists_are_searched" in collected
