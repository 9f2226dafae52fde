"""`ehibench export faiss`: what the README's loader finds is what the run found."""

import gzip
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from click.testing import CliRunner, Result
from safetensors import safe_open
from sentence_transformers import SentenceTransformer

from harness.cli import main
from harness.datasets import load_dataset
from harness.store import RunFolder

README = Path(__file__).parents[2] / "README.md"
Export = Callable[..., Result]
SHAPES = {
    "height 1": ("ehi", ["ehi.branching=8"]),
    "two leaves a document": ("ehi", ["ehi.branching=8", "tree.leaves_per_document=2"]),
    "height 3": ("ehi", ["ehi.branching=3", "ehi.height=3", "tree.leaves_per_document=2"]),
    "lists": ("ivf", ["ivf.lists=8"]),
}


@pytest.fixture(scope="module")
def cells(
    beir_folder: Path, tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """A run folder's cells by what their index is like; of exact search too."""
    folder = tmp_path_factory.mktemp("runs")
    shared = [
        f"encoder.name={tiny_encoder}",
        "encoder.max_tokens=16",
        "encoder.precision=fp32",
        "training.epochs=2",
        "ehi.joint_from=1",
        "timing.rounds=1",
        "timing.seconds=0.01",
    ]
    for number, (method, settings) in enumerate(SHAPES.values()):
        words = ["run", "--dataset", f"beir:{beir_folder}", "--preset", "quick", "--threads", "1"]
        words += ["--methods", f"{method},exact" if method == "ivf" else method]
        words += ["--budget", "0.6", "--out", folder / str(number)]
        words += [part for value in (*shared, *settings) for part in ("--set", value)]
        done = _ehibench(*words, cache=folder / "cache")
        assert done.exit_code == 0, done.output
    found = {
        name: next((folder / str(number) / "cells").glob(f"{method}-*"))
        for number, (name, (method, _)) in enumerate(SHAPES.items())
    }
    return found | {"exact": next(folder.glob("*/cells/exact-*"))}


def _ehibench(*words: object, cache: Path) -> Result:
    return CliRunner(env={"EHIBENCH_CACHE": str(cache)}).invoke(main, [str(w) for w in words])


@pytest.fixture
def export(cells: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Export:
    """The command in an empty folder, on a cell or what a test has made of one."""
    monkeypatch.chdir(tmp_path)
    cache = cells["exact"].parents[2] / "cache"
    return lambda *words: _ehibench("export", "faiss", *words, cache=cache)


def run_of(cell: Path) -> RunFolder:
    return RunFolder(cell.parents[1])


def embeddings(cell: Path) -> Path:
    record = run_of(cell).latest(cell.name)
    assert record is not None
    return run_of(cell).path / record.artifacts["embeddings"]


def found_by_the_run(cell: Path) -> dict[str, list[str]]:
    """The documents of each query, by rank, from the run in TREC form."""
    found: dict[str, list[str]] = {}
    with gzip.open(next(cell.glob("*/run.trec.gz")), "rt") as lines:
        for query, _, document, *_ in map(str.split, lines):
            found.setdefault(query, []).append(document)
    return found


def loaders() -> dict[str, tuple[str, str]]:
    """The README's lines, and which cell each is to search, by what is routed with."""
    section = README.read_text().partition("## Take it with you")[2].partition("\n## ")[0]
    one_height, any_height = re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
    return {
        "one product": (one_height, "height 1"),
        "one product, two leaves": (one_height, "two leaves a document"),
        "a beam of one height": (one_height + any_height, "height 1"),
        "a beam of three heights": (one_height + any_height, "height 3"),
    }


@pytest.fixture(scope="module")
def found_by_loaders(
    cells: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[list[str]]]:
    """What the README's lines find, in a process that has nothing of ours, by loader."""
    work = []
    for code, shape in loaders().values():
        folder = tmp_path_factory.mktemp("exported")
        cache = cells["exact"].parents[2] / "cache"
        done = _ehibench("export", "faiss", cells[shape], folder / "ehi.faiss", cache=cache)
        assert done.exit_code == 0, done.output
        work.append((str(folder), code, str(embeddings(cells[shape]) / "test.npy")))
    program = (
        "import json, os, sys\n"
        "import numpy as np\n"
        "found = []\n"
        "for folder, code, queries in json.load(sys.stdin):\n"
        "    os.chdir(folder)\n"
        "    exec(code, names := {})\n"
        "    found.append(names['search'](np.load(queries), 100))\n"
        "print(json.dumps(found))\n"
        "assert not {name.partition('.')[0] for name in sys.modules} & {'harness', 'methods'}\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program],
        input=json.dumps(work),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(loaders(), json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("name", loaders())
def test_the_loader_of_the_readme_finds_what_the_run_found(
    name: str, found_by_loaders: dict[str, list[list[str]]], cells: dict[str, Path]
):
    cell = cells[loaders()[name][1]]
    expected = found_by_the_run(cell)
    record = run_of(cell).latest(cell.name)
    assert record is not None and record.effort is not None and record.effort > 1
    assert len(expected) > 20
    assert found_by_loaders[name] == list(expected.values())


def test_lists_of_k_means_are_searched_by_faiss_alone(cells: dict[str, Path], export: Export):
    assert export(cells["lists"], "ivf.faiss").exit_code == 0
    index = faiss.read_index("ivf.faiss")
    note, ids = (json.loads(Path(f"ivf.faiss.{part}").read_text()) for part in ("json", "ids.json"))
    index.nprobe = note["effort"]
    _, found = index.search(np.load(embeddings(cells["lists"]) / "test.npy"), 100)
    named = [[ids[i] for i in row if i >= 0] for row in found]
    assert named == list(found_by_the_run(cells["lists"]).values())
    assert not Path("ivf.faiss.router.safetensors").exists()


@pytest.mark.parametrize("kind", ["query", "document"])
def test_the_encoder_is_that_of_the_run(
    kind: str, cells: dict[str, Path], beir_folder: Path, export: Export
):
    assert export(cells["height 1"], "ehi.faiss").exit_code == 0
    dataset = load_dataset(f"beir:{beir_folder}")
    texts = list(dataset.test().texts if kind == "query" else dataset.corpus.texts)
    model = SentenceTransformer("ehi.faiss.encoder", device="cpu")
    name = {"query": "test", "document": "documents"}[kind]
    expected = np.load(embeddings(cells["height 1"]) / f"{name}.npy")
    encode = {"query": model.encode_query, "document": model.encode_document}[kind]
    assert np.abs(encode(texts) - expected).max() < 1e-5
    assert np.abs(model.encode(texts) - expected).max() < 1e-5  # it declares no prompts


def test_what_is_written_says_what_it_is(cells: dict[str, Path], export: Export):
    cell = cells["height 3"]
    done = export(cell, "ehi.faiss")
    assert done.exit_code == 0 and done.output.startswith("ehi.faiss: 300 documents in 27 leaves")
    record = run_of(cell).latest(cell.name)
    assert record is not None
    note = json.loads(Path("ehi.faiss.json").read_text())
    assert (note["method"], note["dataset"], note["seed"]) == ("ehi", "beir:tiny", 0)
    assert note["effort"] == record.effort and note["leaves_per_document"] == 2
    assert note["settings"] == record.settings and note["provenance"] == record.provenance
    with safe_open("ehi.faiss.router.safetensors", "numpy") as router:
        assert router.metadata() == {"formula": note["formula"]}
        assert "(x + relu(x @ mixer)) @ classifier" in note["formula"]
        assert set(router.keys()) == {
            *(f"{part}.{level}" for part in ("mixer", "classifier") for level in (0, 1, 2)),
            "temperature",
        }
    index = faiss.read_index("ehi.faiss")
    assert index.ntotal == 2 * 300
    index.nprobe = 27  # it has no quantizer, and does not pretend to have one
    assert (index.search(np.load(embeddings(cell) / "test.npy"), 10)[1] == -1).all()


def test_an_attempt_is_exported_as_its_cell_is(cells: dict[str, Path], export: Export):
    (attempt,) = cells["lists"].iterdir()
    assert export(cells["lists"], "cell.faiss").exit_code == 0
    assert export(attempt, "attempt.faiss").exit_code == 0
    assert Path("cell.faiss").read_bytes() == Path("attempt.faiss").read_bytes()


def test_what_is_there_is_replaced_only_by_force(cells: dict[str, Path], export: Export):
    assert export(cells["height 1"], "x.faiss").exit_code == 0
    refused = export(cells["lists"], "x.faiss")
    assert (refused.exit_code, refused.output) == (
        2,
        "Error: x.faiss is there already; --force replaces it\n",
    )
    assert json.loads(Path("x.faiss.json").read_text())["method"] == "ehi"
    assert export(cells["lists"], "x.faiss", "--force").exit_code == 0
    assert json.loads(Path("x.faiss.json").read_text())["method"] == "ivf"
    assert sorted(path.name for path in Path().iterdir()) == [
        "x.faiss",
        "x.faiss.encoder",
        "x.faiss.ids.json",
        "x.faiss.json",
    ]


def test_nothing_is_written_where_a_part_fails(
    cells: dict[str, Path], export: Export, monkeypatch: pytest.MonkeyPatch
):
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("faiss.write_index", interrupted)
    assert export(cells["height 1"], "x.faiss").exit_code == 130
    assert not list(Path().iterdir())


def test_what_cannot_be_exported_is_named_in_a_line(
    cells: dict[str, Path], export: Export, tmp_path: Path
):
    def copied(change: Callable[[RunFolder], None]) -> Path:
        run = tmp_path / "copy"
        shutil.rmtree(run, ignore_errors=True)
        shutil.copytree(run_of(cells["height 1"]).path, run)
        change(RunFolder(run))
        return run / "cells" / cells["height 1"].name

    def error(cell: object, place: str = "x.faiss") -> str:
        done = export(cell, place)
        assert done.exit_code == 2 and done.output.count("\n") == 1, done.output
        assert not Path("x.faiss").exists()
        return done.output

    def rerecorded(**fields: Any) -> Callable[[RunFolder], None]:
        def change(run: RunFolder) -> None:
            (record,) = run.records()
            run.add(type(record)(**{**vars(record), **fields}))

        return change

    def truncate(pattern: str) -> Callable[[RunFolder], None]:
        return lambda run: next(run.path.glob(pattern)).write_bytes(b"")

    assert "exact has no posting lists" in error(cells["exact"])
    assert "is no cell" in error("nowhere/at/all")
    assert "/ is no cell" in error("/")
    assert "is no cell" in error(run_of(cells["exact"]).path)
    assert "nowhere is no folder" in error(cells["lists"], "nowhere/x.faiss")
    Path("folder").mkdir()
    assert "folder is a folder; name a file" in error(cells["lists"], "folder")
    old = copied(rerecorded(artifacts={}))
    assert "older than export and names no artifacts" in error(old)
    failed = copied(rerecorded(status="failed", reason="no memory"))
    assert "was not measured: no memory" in error(failed)
    again = copied(rerecorded(training={}))
    assert "was trained anew since this record" in error(again)
    for pattern in ("*/indexes/*/files/postings.faiss", "*/encoder/head.safetensors"):
        damaged = copied(truncate(f"trained/{pattern}"))
        assert f"{Path(pattern).name} is damaged or missing" in error(damaged)
    gone = copied(lambda run: shutil.rmtree(run.path / "trained"))
    assert "is damaged or missing" in error(gone)
