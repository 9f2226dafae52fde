"""The command finds its own packages, whatever PYTHONPATH and the working directory hold."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# What pip writes to bin/ehibench for the entry point in pyproject.toml.
SCRIPT = "import sys\nfrom ehibench import main\nif __name__ == '__main__':\n    sys.exit(main())\n"
SHADOWS = {
    "methods/__init__.py": "",
    "harness/__init__.py": "raise RuntimeError('a package of the user')",
    "harness/cli.py": "raise RuntimeError('a package of the user')",
    "faiss/__init__.py": "raise RuntimeError('a package of the user')",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder of the user's with packages that have the names of ours."""
    for name, text in SHADOWS.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ehibench").write_text(SCRIPT)
    return tmp_path


def run(checkout: Path, *words: str, path: str = "") -> subprocess.CompletedProcess[str]:
    """Run ehibench in the user's folder; ehibench itself is found at the end of the path."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [path, str(ROOT)]))}
    environment["EHIBENCH_CACHE"] = str(checkout / "cache")
    return subprocess.run(
        [sys.executable, "bin/ehibench", *words],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("words", [["--version"], ["list", "methods"], ["run", "--help"]])
def test_packages_in_pythonpath_are_not_taken_for_its_own(checkout: Path, words: list[str]):
    (checkout / "faiss" / "__init__.py").unlink()  # PYTHONPATH says where Faiss is
    done = run(checkout, *words, path=".")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", ["", "."])
def test_workers_find_their_own_packages(checkout: Path, beir_folder: Path, path: str):
    if path:
        (checkout / "faiss" / "__init__.py").unlink()
    words = ["--dataset", f"beir:{beir_folder}", "--methods", "bm25", "--out", "run"]
    timing = ["--set", "timing.rounds=1", "--set", "timing.seconds=0.01"]
    done = run(checkout, "run", *words, *timing, path=path)
    assert done.returncode == 0, done.stderr
    assert "bm25" in done.stdout and "a package of the user" not in done.stderr


def test_an_import_that_fails_is_not_a_verdict(checkout: Path):
    (checkout / "click.py").write_text("raise RuntimeError('broken')")
    done = run(checkout, "list", "methods", path=".")
    assert done.returncode == 3 and "RuntimeError: broken" in done.stderr
