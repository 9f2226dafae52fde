"""`ehibench export faiss`: the code in docs/export-to-faiss.md finds what the run found."""

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
import torch
from click.testing import Result
from safetensors import safe_open
from sentence_transformers import SentenceTransformer

from harness.datasets import load_dataset
from methods.ehi.indexer import TreeIndexer
from methods.ehi.settings import EhiSettings
from tests.harness.exported_cells import CASES, DEPTH, ehibench, embeddings, run_of

GUIDE = Path(__file__).parents[4] / "docs" / "export-to-faiss.md"
Export = Callable[..., Result]


def hits_of_the_run(cell: Path) -> dict[str, list[str]]:
    """Return the documents of each query, by rank, from the run in TREC format."""
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
    ours = {"(u, 10": f"(u, {DEPTH} * copies", "[:10]": f"[:{DEPTH}]", "k = 10": f"k = {DEPTH}"}
    depth = re.compile("|".join(map(re.escape, ours)))
    three_lines, names, graph, one_height, route = (
        depth.sub(lambda found: ours[found[0]], block) for block in code_in_the_guide()
    )
    encoding = re.compile(r"^u = .*encode_query.*\n", flags=re.MULTILINE)
    given = encoding.sub(lambda line: line[0] + "u = np.load(queries)\n", three_lines)
    any_height = re.sub(r"def route.*?\n\n\n", lambda _: route, one_height, flags=re.DOTALL)
    assert given != three_lines and any_height != one_height
    return {
        "three lines": given + names,
        "graph": given + "import json\n" + graph + names,
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
        done = ehibench("export", "faiss", cells[name], folder / "ehi.faiss", cache=cache)
        assert done.exit_code == 0, done.output
        routed_by_faiss = loader in ("three lines", "graph")
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
    expected = hits_of_the_run(cells[name])
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
def test_the_exported_encoder_gives_the_vectors_of_the_run(
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
    text: str = json.loads(Path("formula.faiss.json").read_text())["formula"]
    return text


def test_the_formula_says_how_a_query_is_routed(cells: dict[str, Path], export: Export):
    expected = {
        "linear": "inner products of u @ projection with the quantizer's learned vectors",
        "linear, no projection, two leaves": (
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


def test_the_note_and_the_router_describe_the_index(cells: dict[str, Path], export: Export):
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
    index.nprobe = 27  # without its router it must not find anything
    assert (index.search(np.load(embeddings(cell) / "test.npy"), 10)[1] == -1).all()
