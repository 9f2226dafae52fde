"""Products are compiled where there is a compiler, keep the threads of a search, and fall back."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SEARCH = """
import numpy as np, torch
from methods.engines.inverted_lists import InvertedLists
from methods.engines.scan import search_lists
from methods.engines.scorers import scorer_for

lists = InvertedLists.filled(np.eye(4, dtype=np.float32), np.arange(4), np.zeros((4, 1), int), 1)
found = search_lists(lists, torch.eye(4), torch.zeros(4, 1, dtype=int), 1, scorer_for("cpu"))[1]
assert found.flatten().tolist() == [0, 1, 2, 3]
"""


def search(*, cache: Path, compiler: str) -> str:
    """Search by the scorer of a CPU in a new process, and return what it logged."""
    logged = "import logging; logging.basicConfig(level=logging.INFO)\n"
    done = subprocess.run(
        [sys.executable, "-c", logged + SEARCH],
        cwd=ROOT,
        env={**os.environ, "CXX": compiler, "TORCHINDUCTOR_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_without_a_compiler_plain_torch_searches_and_one_line_says_so(tmp_path: Path):
    logged = search(cache=tmp_path, compiler="/no/such/compiler")
    lines = [line for line in logged.splitlines() if "compiled_products" in line]
    assert len(lines) == 1 and "so scans by torch are slower" in lines[0]


@pytest.mark.skipif(shutil.which("c++") is None, reason="needs a C++ compiler")
def test_with_a_compiler_nothing_is_logged_and_threads_are_not_fixed(tmp_path: Path):
    assert "compiled_products" not in search(cache=tmp_path, compiler="c++")
    sources = [path.read_text() for path in tmp_path.rglob("*.main.cpp")]
    assert sources and not any("num_threads(" in source for source in sources)
