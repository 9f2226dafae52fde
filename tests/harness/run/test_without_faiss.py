"""A run and its report where Faiss is not installed, neither for the command nor its workers."""

import subprocess
import sys
from pathlib import Path

from harness.store.run_folder import RunFolder
from tests.harness.bench import EIGHT_LEAVES, Bench
from tests.missing_libraries import ROOT, environment_without


def test_a_run_trains_builds_and_searches_by_torch(
    beir_folder: Path, tiny_encoder: Path, tmp_path: Path
):
    words = ["--methods", "exact,ivf,ehi", "--budget", "0.5", *EIGHT_LEAVES]
    words = Bench(beir_folder, tiny_encoder).words("run", *words, out=tmp_path / "run")
    environment = environment_without("faiss", folder=tmp_path)
    environment["EHIBENCH_CACHE"] = str(tmp_path / "cache")

    def ehibench(*words: str) -> None:
        command = [sys.executable, "-m", "harness.cli", *words]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=ROOT)
        assert done.returncode == 0, done.stderr

    ehibench(*words)
    records = RunFolder(tmp_path / "run").records()
    assert {record.method: record.status for record in records} == {
        "exact": "ok",
        "ivf": "ok",
        "ehi": "ok",
    }
    assert {record.provenance.search_device for record in records} == {"cpu:torch"}
    built = {path.name for path in (tmp_path / "run").glob("trained/**/*") if path.is_file()}
    assert "lists.safetensors" in built and not any(name.endswith(".faiss") for name in built)
    ehibench("report", str(tmp_path / "run"), "--out", str(tmp_path / "report"))
    assert (tmp_path / "report" / "figures" / "beir-tiny-leaves.png").is_file()
