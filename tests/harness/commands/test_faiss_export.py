"""`ehibench export faiss`: the code in docs/export-to-faiss.md finds what the run found."""

import gzip
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result
from safetensors import safe_open
from sentence_transformers import SentenceTransformer

from harness.cli import main
from harness.datasets import load_dataset
from harness.store.run_folder import RunFolder
from methods.atomic_files import CHECKSUMS
from methods.ehi.indexer import TreeIndexer
from methods.ehi.settings import EhiSettings

GUIDE = Path(__file__).parents[3] / "docs" / "export-to-faiss.md"
Export = Callable[..., Result]


@dataclass(frozen=True)
class Form:
    """A kind of router, and the code of the guide that searches its export."""

    method: str
    settings: tuple[str, ...]
    loaders: tuple[str, ...]


LINEAR = ("ehi.branching=8", "ehi.rank=8", "ehi.mixer=none", "ivf.lists=8")
PAPER = ("ehi.branching=8", "ehi.rank=0", "ehi.mixer=relu")
BY_EVIDENCE = ("ehi.placement=evidence", "tree.leaves_per_document=2")
FORMS = {
    "linear": Form("ehi", LINEAR, ("three lines",)),
    "linear, no projection, by evidence": Form(
        "ehi", ("ehi.branching=24", "ehi.rank=0", "ehi.mixer=none", *BY_EVIDENCE), ("three lines",)
    ),
    "linear, short vectors": Form("ehi", (*LINEAR, "tree.reorder=20"), ("short vectors",)),
    "lists": Form("ivf", LINEAR, ("three lines",)),
    "lists, routed": Form("ivf+router", LINEAR, ("three lines",)),
    "paper": Form("ehi", PAPER, ("one height", "any height")),
    "paper, height 3": Form(
        "ehi",
        (*PAPER, "ehi.branching=3", "ehi.height=3", "tree.leaves_per_document=2"),
        ("any height",),
    ),
    "a classifier each": Form(
        "ehi",
        (*LINEAR, "ehi.branching=3", "ehi.height=2", "ehi.classifiers=per_node"),
        ("any height",),
    ),
    "exact": Form("exact", LINEAR, ()),
}
CASES = [(name, loader) for name, form in FORMS.items() for loader in form.loaders]
DEPTH = 100


@pytest.fixture(scope="module")
def cells(
    beir_folder: Path, tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """A cell of each form; those of the same settings are of one run."""
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
    found = {}
    for number, settings in enumerate(dict.fromkeys(form.settings for form in FORMS.values())):
        forms = {name: form.method for name, form in FORMS.items() if form.settings == settings}
        words = ["run", "--dataset", f"beir:{beir_folder}", "--preset", "quick", "--threads", "1"]
        words += ["--methods", ",".join(forms.values())]
        words += ["--budget", "0.6", "--out", folder / str(number)]
        words += [part for value in (*shared, *settings) for part in ("--set", value)]
        done = _ehibench(*words, cache=folder / "cache")
        assert done.exit_code == 0, done.output
        cells = folder / str(number) / "cells"
        found |= {name: next(cells.glob(f"{method}-*")) for name, method in forms.items()}
    return found


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
    return run_of(cell).path / record.measured.artifacts["embeddings"]


def found_by_the_run(cell: Path) -> dict[str, list[str]]:
    """The documents of each query, by rank, from the run in TREC form."""
    found: dict[str, list[str]] = {}
    with gzip.open(next(cell.glob("*/run.trec.gz")), "rt") as lines:
        for query, _, document, *_ in map(str.split, lines):
            found.setdefault(query, []).append(document)
    return found


def code_in_the_guide() -> list[str]:
    return re.findall(r"```python\n(.*?)```", GUIDE.read_text(), flags=re.DOTALL)


def loaders() -> dict[str, str]:
    """The code of the guide, made to search for the run's own queries to its depth.

    `copies` are the leaves of a document, `queries` the file of the vectors.
    """
    three_lines, names, short_vectors, one_height, route = (
        block.replace("(u, 10", f"(u, {DEPTH} * copies")
        .replace("max(10, ", f"max({DEPTH}, ")
        .replace("[:10]", f"[:{DEPTH}]")
        for block in code_in_the_guide()
    )
    encoding = re.compile(r"^u = .*encode_query.*\n", flags=re.MULTILINE)
    given = encoding.sub(lambda line: line[0] + "u = np.load(queries)\n", three_lines)
    any_height = re.sub(r"def route.*?\n\n\n", lambda _: route, one_height, flags=re.DOTALL)
    assert given != three_lines and any_height != one_height
    return {
        "three lines": given + names,
        "short vectors": given + names + short_vectors + names,
        "one height": given + one_height + names,
        "any height": given + any_height + names,
    }


@pytest.fixture(scope="module")
def found_by_loaders(
    cells: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], list[list[str]]]:
    """The documents that the code of the guide finds, in a process without ehibench."""
    work = []
    for name, loader in CASES:
        folder = tmp_path_factory.mktemp("exported")
        cache = cells["exact"].parents[2] / "cache"
        done = _ehibench("export", "faiss", cells[name], folder / "ehi.faiss", cache=cache)
        assert done.exit_code == 0, done.output
        routed_by_faiss = loader in ("three lines", "short vectors")
        assert (folder / "ehi.faiss.router.safetensors").exists() != routed_by_faiss
        copies = json.loads((folder / "ehi.faiss.json").read_text())["leaves_per_document"]
        queries = str(embeddings(cells[name]) / "test.npy")
        work.append((str(folder), loaders()[loader], {"copies": copies, "queries": queries}))
    program = (
        "import json, os, sys\n"
        "import numpy as np\n"
        "found = []\n"
        "for folder, code, given in json.load(sys.stdin):\n"
        "    os.chdir(folder)\n"
        "    exec(code, names := {'np': np, **given})\n"
        "    found.append(names['documents'])\n"
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
    return dict(zip(CASES, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize(("name", "loader"), CASES)
def test_the_code_in_the_guide_finds_what_the_run_found(
    name: str,
    loader: str,
    found_by_loaders: dict[tuple[str, str], list[list[str]]],
    cells: dict[str, Path],
):
    expected = found_by_the_run(cells[name])
    record = run_of(cells[name]).latest(cells[name].name)
    assert record is not None and record.measured.effort > 1
    assert len(expected) > 20
    assert found_by_loaders[name, loader] == list(expected.values())


@pytest.mark.parametrize("height", [1, 3])
@pytest.mark.parametrize("rank", [0, 5])
@pytest.mark.parametrize("mixer", ["relu", "none"])
@pytest.mark.parametrize("classifiers", ["shared", "per_node"])
def test_the_code_in_the_guide_routes_by_any_tree(
    vectors: np.ndarray, height: int, rank: int, mixer: Any, classifiers: Any
):
    torch.manual_seed(0)
    settings = EhiSettings(
        height, branching=3, rank=rank, mixer=mixer, classifiers=classifiers, temperature=1
    )
    router = TreeIndexer(16, settings).tree()
    exec(code_in_the_guide()[-1], names := {"np": np, "tree": router.tensors()})
    routed = names["route"](vectors, 2)
    assert np.array_equal(np.sort(routed), np.sort(router.beam(vectors, 2)[0]))
    assert len(np.unique(routed)) > 1


@pytest.mark.parametrize("kind", ["query", "document"])
def test_the_encoder_is_that_of_the_run(
    kind: str, cells: dict[str, Path], beir_folder: Path, export: Export
):
    assert export(cells["paper"], "ehi.faiss").exit_code == 0
    dataset = load_dataset(f"beir:{beir_folder}")
    texts = list(dataset.test().texts if kind == "query" else dataset.corpus.texts)
    model = SentenceTransformer("ehi.faiss.encoder", device="cpu")
    name = {"query": "test", "document": "documents"}[kind]
    expected = np.load(embeddings(cells["paper"]) / f"{name}.npy")
    encode = {"query": model.encode_query, "document": model.encode_document}[kind]
    assert np.abs(encode(texts) - expected).max() < 1e-5
    assert np.abs(model.encode(texts) - expected).max() < 1e-5  # it declares no prompts


def formula(cell: Path, export: Export) -> str:
    assert export(cell, "formula.faiss", "--force").exit_code == 0
    said: str = json.loads(Path("formula.faiss.json").read_text())["formula"]
    return said


def test_the_formula_is_what_leads_a_query(cells: dict[str, Path], export: Export):
    expected = {
        "linear": "inner products of u @ projection with the quantizer's learned vectors",
        "linear, no projection, by evidence": (
            "inner products of u with the quantizer's learned vectors"
        ),
        "lists": "inner products of u with the quantizer's centroids",
        "lists, routed": "inner products of u @ projection with the quantizer's learned vectors",
        "a classifier each": (
            "log p = log p(parent) + log_softmax(x @ classifier[node] / temperature), "
            "x = z, z = u @ projection"
        ),
    }
    assert {name: formula(cells[name], export) for name in expected} == expected


def test_what_is_written_says_what_it_is(cells: dict[str, Path], export: Export):
    cell = cells["paper, height 3"]
    done = export(cell, "ehi.faiss")
    assert done.exit_code == 0 and done.output.startswith("ehi.faiss: 300 documents in 27 leaves")
    record = run_of(cell).latest(cell.name)
    assert record is not None
    note = json.loads(Path("ehi.faiss.json").read_text())
    assert (note["method"], note["dataset"], note["seed"]) == ("ehi", "beir:tiny", 0)
    assert note["effort"] == record.measured.effort and note["leaves_per_document"] == 2
    assert note["settings"] == record.settings and note["provenance"] == asdict(record.provenance)
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
    assert export(cells["paper"], "x.faiss").exit_code == 0
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
    assert export(cells["paper"], "x.faiss").exit_code == 130
    assert not list(Path().iterdir())


def test_what_cannot_be_exported_is_named_in_a_line(
    cells: dict[str, Path], export: Export, tmp_path: Path
):
    def copied(change: Callable[[RunFolder], None], form: str = "paper") -> Path:
        run = tmp_path / "copy"
        shutil.rmtree(run, ignore_errors=True)
        shutil.copytree(run_of(cells[form]).path, run)
        change(RunFolder(run))
        return run / "cells" / cells[form].name

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

    def train_anew(run: RunFolder) -> None:
        record = run.latest(cells["lists, routed"].name)
        assert record is not None
        checksums = run.path / record.measured.artifacts["encoder"] / CHECKSUMS
        checksums.write_text(checksums.read_text() + " ")  # whole, and another

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
    assert "older than export and does not name all" in error(old)
    failed = copied(rerecorded(status="failed", reason="no memory"))
    assert "was not measured: no memory" in error(failed)
    without = copied(rerecorded(artifacts={"encoder": "trained/encoder"}))
    assert "does not name all that was learned" in error(without)
    again = copied(rerecorded(training={}))
    assert "was trained anew since this record" in error(again)
    assert "was trained anew since this record" in error(copied(train_anew, "lists, routed"))
    for pattern in ("*/indexes/*/files/postings.faiss", "*/encoder/head.safetensors"):
        damaged = copied(truncate(f"trained/{pattern}"))
        assert f"{Path(pattern).name} is damaged or missing" in error(damaged)
    gone = copied(lambda run: shutil.rmtree(run.path / "trained"))
    assert "is damaged or missing" in error(gone)
