"""The table of methods, with rows from other packages and libraries that are missing."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli import main
from methods import registry
from methods.errors import InputError, UnavailableError
from methods.method import Component, Method, Requirement, UnavailableMethod
from methods.registry import components, method, methods

PLUGIN = '''
"""A method that scores the first documents of the corpus, and no others."""
from dataclasses import dataclass
import numpy as np
from methods.base import Cost, Hits, Index
from methods.method import Component, Method
from methods.registry import DUAL_ENCODER


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

    def efforts(self, k):
        return range(1, self.steps + 1)

    def search(self, queries, k, effort):
        scores = queries @ self.vectors[: self._count(effort)].T
        ids = np.argsort(-scores, axis=1)[:, :k]
        return Hits(ids, np.take_along_axis(scores, ids, axis=1))

    def cost(self, queries, k, effort):
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
    """A folder in which pip installed a package with a method."""
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


def test_every_component_is_listed_and_can_be_imported():
    for row in methods().values():
        for part in row.parts:
            assert components()[part.name] is part
            if row.install_hint() is None:
                assert part.load()


def test_an_unknown_method_suggests_the_nearest_name():
    with pytest.raises(InputError, match="did you mean 'exact'"):
        method("exat")


def test_a_name_may_end_with_what_is_scanned():
    coded = method("ivf+pq")
    assert coded.name == "ivf+pq" and coded.form is components()["pq"]
    assert coded.summary == "k-means lists on the dual encoder (Faiss IVF), by product codes"
    assert (coded.trainer, coded.index) == (method("ivf").trainer, method("ivf").index)
    assert method("ehi-encoder+ivf").form is None
    assert method("ehi-encoder+ivf+short").form is components()["short"]


def test_every_index_is_built_with_each_of_its_forms():
    for row in methods().values():
        for name in row.index.forms:
            combined = method(f"{row.name}+{name}")
            assert combined.form is not None and combined.form.name == name
            assert combined.form.load()(combined.form.settings()).name == name


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("ivf+shrt", r"ivf\+short"), ("hnsw+sq8", r"faiss-hnsw\+sq8"), ("bm25+pq", "bm25")],
)
def test_a_form_that_the_index_cannot_scan_is_unknown(name: str, nearest: str):
    with pytest.raises(InputError, match=nearest):
        method(name)


def test_a_missing_library_is_named_with_its_method_and_one_command():
    absent = Requirement("no_such_library", "pip install no-such-library")
    index = Component("mine", "methods.indexes.ivf:IvfIndex", requires=(absent,))
    hint = "mine needs no_such_library, which is not installed. Run: pip install no-such-library"
    assert Method("mine", "", None, index, budgeted=False).install_hint() == hint
    with pytest.raises(UnavailableError) as unavailable:
        index.load()
    assert str(unavailable.value) == hint


@pytest.fixture
def broken_plugins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two installed packages whose methods cannot be loaded."""
    group = registry.ENTRY_POINT_GROUP
    absent = EntryPoint("absent", "no_such_package:METHOD", group)
    no_method = EntryPoint("wrong", "methods.registry:SHARED_SECTIONS", group)
    monkeypatch.setattr(registry, "entry_points", lambda group: [absent, no_method])
    methods.cache_clear()
    yield
    monkeypatch.undo()
    methods.cache_clear()


@pytest.mark.usefixtures("broken_plugins")
def test_a_plugin_that_fails_to_load_is_listed_with_the_reason():
    assert isinstance(method("absent"), UnavailableMethod)
    assert method("absent").install_hint() == (
        "entry point absent = no_such_package:METHOD failed to load: "
        "No module named 'no_such_package'"
    )
    assert method("wrong").install_hint() == (
        "entry point wrong = methods.registry:SHARED_SECTIONS is not a methods.registry.Method "
        "but a tuple"
    )
    assert method("ivf").install_hint() is None


@pytest.mark.usefixtures("broken_plugins")
def test_list_shows_why_a_plugin_is_unavailable():
    shown = CliRunner().invoke(main, ["list", "methods"])
    assert shown.exit_code == 0
    assert "entry point absent = no_such_package:METHOD failed to load" in shown.output
    row = next(line for line in shown.output.splitlines() if line.startswith("absent"))
    assert row.split()[-1] == "no"


def test_two_rows_with_one_name_are_rejected(monkeypatch: pytest.MonkeyPatch):
    again = EntryPoint("ivf", "methods.registry:BUILT_IN_IVF", registry.ENTRY_POINT_GROUP)
    monkeypatch.setattr(registry, "BUILT_IN_IVF", method("ivf"), raising=False)
    monkeypatch.setattr(registry, "entry_points", lambda group: [again])
    with pytest.raises(InputError, match=r"method 'ivf' of .* is already registered; rename it"):
        methods.__wrapped__()


def test_components_may_not_read_one_section_as_different_settings(
    monkeypatch: pytest.MonkeyPatch,
):
    other = Component("mine", "x:X", registry.IvfSettings, section="ehi")
    row = registry.Method("mine", "", registry.DUAL_ENCODER, other)
    rows = {"ehi": method("ehi"), "mine": row}
    monkeypatch.setattr(registry, "methods", lambda: rows)
    with pytest.raises(InputError, match="component 'mine' of method 'mine' needs another"):
        components()
