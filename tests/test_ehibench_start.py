"""The command finds its own packages, whatever PYTHONPATH and the working directory hold."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# What pip writes to bin/ehibench for the entry point in pyproject.toml.
SCRIPT = "from ehibench_start import main\nif __name__ == '__main__':\n    main()\n"
SHADOWS = {
    "ehibench.py": "raise RuntimeError('a module of the user')",
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


def run(folder: Path, *words: str, path: str = "") -> subprocess.CompletedProcess[str]:
    """Run ehibench in a folder of the user's; ehibench itself is found at the end of the path."""
    script = next(parent for parent in (folder, folder.parent) if (parent / "bin").is_dir())
    script = script / "bin" / "ehibench"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [path, str(ROOT)]))}
    environment["EHIBENCH_CACHE"] = str(folder / "cache")
    return subprocess.run(
        [sys.executable, script, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("words", [["--version"], ["list", "methods"], ["run", "--help"]])
def test_packages_in_pythonpath_are_not_taken_for_its_own(checkout: Path, words: list[str]):
    (checkout / "faiss" / "__init__.py").unlink()  # PYTHONPATH says where Faiss is
    done = run(checkout, *words, path=".")
    assert done.returncode == 0, done.stderr


def test_workers_find_their_own_packages(checkout: Path, beir_folder: Path):
    (checkout / "working").mkdir()
    (checkout / "faiss").rename(checkout / "working" / "faiss")
    words = ["--dataset", f"beir:{beir_folder}", "--methods", "bm25", "--out", "run"]
    timing = ["--set", "timing.rounds=1", "--set", "timing.seconds=0.01"]
    done = run(checkout / "working", "run", *words, *timing, path=str(checkout))
    assert done.returncode == 0, done.stderr
    assert "bm25" in done.stdout and "a package of the user" not in done.stderr


def test_importing_ehibench_after_another_package_of_its_name_names_the_file(checkout: Path):
    program = f"import methods, sys\nsys.path.insert(0, {str(ROOT)!r})\nimport ehibench\n"
    (checkout / "ehibench.py").unlink()
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=checkout, capture_output=True, text=True
    )
    error = done.stderr.splitlines()[-1]
    assert error.startswith(f"ImportError: {checkout / 'methods' / '__init__.py'} was imported as")


def test_an_import_that_fails_is_not_a_verdict(checkout: Path):
    (checkout / "click.py").write_text("raise RuntimeError('broken')")
    done = run(checkout, "list", "methods", path=".")
    assert done.returncode == 3 and "RuntimeError: broken" in done.stderr
