"""A method that another package brings is listed and runs."""

import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from methods import registry
from methods.errors import InputError, UnavailableError
from methods.registry import Component, Requirement, components, method, methods

PLUGIN = '''
"""A method that scores the first documents of the corpus, and no others."""
from dataclasses import dataclass
import numpy as np
from methods.base import Cost, Hits, Index
from methods.registry import DUAL_ENCODER, Component, Method


@dataclass(frozen=True)
class FirstSettings:
    steps: int = 10


class FirstIndex(Index):
    def __init__(self, settings, resources):
        self.steps = settings.steps

    def build(self, documents, seed, router):
        self.vectors = np.array(documents)

    def save(self, folder):
        np.save(folder / "first.npy", self.vectors)

    def load(self, folder, documents):
        self.vectors = np.load(folder / "first.npy")

    def efforts(self):
        return range(1, self.steps + 1)

    def search(self, queries, k, effort):
        scores = queries @ self.vectors[: self._count(effort)].T
        ids = np.argsort(-scores, axis=1)[:, :k]
        return Hits(ids, np.take_along_axis(scores, ids, axis=1))

    def cost(self, queries, effort):
        visited = np.full(len(queries), self._count(effort))
        return Cost(visited, visited * queries.shape[1], np.zeros_like(visited))

    def _count(self, effort):
        return len(self.vectors) * effort // self.steps


INDEX = Component("first", "first_documents:FirstIndex", FirstSettings)
METHOD = Method("first", "the first documents", DUAL_ENCODER, INDEX)
'''
PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "first-documents"
version = "1.0"
[project.entry-points."ehibench.methods"]
first = "first_documents:METHOD"
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed a package with a method."""
    folder = tmp_path_factory.mktemp("plugin")
    (folder / "source").mkdir()
    (folder / "source" / "first_documents.py").write_text(PLUGIN)
    (folder / "source" / "pyproject.toml").write_text(PROJECT)
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    install += ["--no-build-isolation", "--target", str(folder / "site"), str(folder / "source")]
    subprocess.run(install, check=True, capture_output=True)
    return folder / "site"


def ehibench(site: Path, cache: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(site), "EHIBENCH_CACHE": str(cache)}
    program = [sys.executable, "-m", "harness.cli", *words]
    return subprocess.run(program, capture_output=True, text=True, env=environment)


def test_an_installed_method_is_listed(installed: Path, tmp_path: Path):
    shown = ehibench(installed, tmp_path, "list", "methods")
    assert "the first documents [dual_encoder + first]" in shown.stdout, shown.stderr


def test_an_installed_method_runs_with_its_own_settings(
    installed: Path, tmp_path: Path, beir_folder: Path, tiny_encoder: Path
):
    words = ["run", "--methods", "first", "--dataset", f"beir:{beir_folder}", "--budget", "0.5"]
    words += ["--set", f"encoder.name={tiny_encoder}", "--set", "encoder.train=frozen"]
    words += ["--set", "first.steps=20", "--preset", "quick", "--out", str(tmp_path / "run")]
    done = ehibench(installed, tmp_path / "cache", *words)
    assert done.returncode == 0, done.stderr
    row = next(line for line in done.stdout.splitlines() if line.startswith("first")).split()
    assert row[:6] == ["first", "0", "50", "%", "50.00", "10"]


def test_every_row_combines_a_trainer_and_an_index():
    for row in methods().values():
        for part in row.parts:
            assert components()[part.name] is part
            assert not all(r.is_met() for r in part.requires) or part.load()


def test_an_unknown_method_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'exact'"):
        method("exat")


def test_a_missing_library_raises_its_pip_line():
    absent = Requirement("no_such_library", "pip install no-such-library")
    with pytest.raises(UnavailableError, match="pip install no-such-library"):
        Component("x", "methods.indexes.ivf:IvfIndex", requires=(absent,)).load()


def test_a_package_that_does_not_load_takes_nothing_else_down(monkeypatch: pytest.MonkeyPatch):
    broken = EntryPoint("mine", "no_such_package:METHOD", registry.ENTRY_POINT_GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [broken])
    methods.cache_clear()
    try:
        assert "no_such_package" in str(method("mine").mend())
        assert method("ivf").mend() is None
    finally:
        monkeypatch.undo()
        methods.cache_clear()


def test_components_that_read_one_section_as_other_settings_are_refused(
    monkeypatch: pytest.MonkeyPatch,
):
    other = Component("mine", "x:X", registry.IvfSettings, section="ehi")
    row = registry.Method("mine", "", registry.DUAL_ENCODER, other)
    rows = {"ehi": method("ehi"), "mine": row}
    monkeypatch.setattr(registry, "methods", lambda: rows)
    with pytest.raises(InputError, match="component 'mine' of method 'mine' needs another"):
        components()
