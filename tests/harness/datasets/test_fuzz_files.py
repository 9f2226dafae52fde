"""Damaged files of every kind of data are valid or rejected in one line, never with a traceback."""

import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from harness.datasets import load_dataset
from methods.errors import InputError, UnavailableError
from tests.harness.datasets.vectors.made_folder import made_vectors, nearest, write_npy

INPUTS = {"vectors": 150, "hdf5": 100, "parquet": 15, "hub": 10, "nq320k": 100}
"""Parquet files take longest to open. `tests/benches/bench_fuzz.py` loads many more."""
HUB_CARD = """---
configs:
- {config_name: default, data_files: [{split: test, path: data/test.parquet}]}
- {config_name: corpus, data_files: [{split: corpus, path: corpus/corpus.parquet}]}
- {config_name: queries, data_files: [{split: queries, path: queries/queries.parquet}]}
---
"""


def write_vectors(folder: Path) -> str:
    write_npy(folder, random.Random(0).choice(["dot", "euclidean"]), queries=10)
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text("q\td\tg\n3\t17\t2\n5\t3\t1\n")
    (folder / "train.txt").write_text("".join(f"q{row}\n" for row in range(30)))
    return f"vectors:{folder}"


def write_hdf5(folder: Path) -> str:
    h5py = pytest.importorskip("h5py")
    folder.mkdir()
    made = made_vectors(queries=10)
    with h5py.File(folder / "data.hdf5", "w") as file:
        file["train"], file["test"] = made["documents"][:50], made["test"]
        file["neighbors"] = nearest(made["test"], made["documents"][:50], "angular")
        file.attrs["distance"] = "angular"
    return f"vectors:{folder}"


def write_parquet(folder: Path) -> str:
    write_tables(folder, {name: f"{name}.parquet" for name in ("corpus", "queries", "qrels-test")})
    return f"parquet:{folder}"


def write_hub(folder: Path) -> str:
    files = {"corpus": "corpus/corpus", "queries": "queries/queries", "qrels-test": "data/test"}
    write_tables(folder, {name: f"{file}.parquet" for name, file in files.items()})
    (folder / "README.md").write_text(HUB_CARD)
    return f"hf:{folder}"


def write_tables(folder: Path, files: Mapping[str, str]) -> None:
    """Write the tables of a small dataset to files of these names."""
    pytest.importorskip("datasets")
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    tables = {
        "corpus": [{"_id": f"d{i}", "title": "t", "text": f"text {i}"} for i in range(4)],
        "queries": [{"_id": f"q{i}", "text": f"text {i}"} for i in range(4)],
        "qrels-test": [{"query-id": "q1", "corpus-id": "d1", "score": 1}],
    }
    for name, file in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(tables[name]), folder / file)


def write_questions(folder: Path) -> str:
    folder.mkdir()
    page = "<H1> Title </H1> <P> Text . </P> <Ul> </Ul>"
    tokens = [{"token": word} for word in page.split()]
    train = {"question_text": "who", "document_text": page}
    dev = {"question_text": "what", "document_title": "Title", "document_tokens": tokens}
    for part, row in {"train": train, "dev-all": dev}.items():
        (folder / f"nq-{part}.jsonl").write_text(json.dumps(row) + "\n" + json.dumps(row) + "\n")
    return f"nq320k:{folder}"


KINDS: dict[str, Callable[[Path], str]] = {
    "vectors": write_vectors,
    "hdf5": write_hdf5,
    "parquet": write_parquet,
    "hub": write_hub,
    "nq320k": write_questions,
}


def damage(content: bytes, chance: random.Random) -> bytes:
    """Return the content with a piece changed, cut out, repeated or cut off."""
    if not content:
        return chance.randbytes(8)
    start = chance.randrange(len(content))
    if chance.random() < 0.4:  # headers decide how the rest is read
        start %= 128
    end = min(len(content), start + chance.choice([1, 1, 4, 16, 400]))
    piece = chance.choice(
        [chance.randbytes(end - start), b"", content[start:end] * 2, b"\xff" * 8, b"\0" * 8, b"\n"]
    )
    if chance.random() < 0.1:
        return content[:start]
    return content[:start] + piece + content[end:]


def replacement(chance: random.Random) -> np.ndarray:
    """Return an array of another shape or type, or with numbers that are not finite."""
    kind = chance.choice(["f4", "f8", "f2", "i8", "u1", "c8", "?", "U3"])
    shape = chance.choice([(), (0,), (10,), (10, 8), (300, 8), (0, 8), (10, 0), (2, 2, 2), (30, 3)])
    array = np.zeros(shape, dtype=kind)
    if kind.startswith("f") and array.size:
        array.flat[0] = chance.choice([np.nan, np.inf, -1, 0.5])
    return array


def fuzz(kind: str, count: int, seed: int, folder: Path) -> Counter[str]:
    """Load a dataset with damaged files `count` times; return how often it was valid."""
    chance = random.Random(f"{kind} {seed}")
    spec = KINDS[kind](folder)
    assert len(load_dataset(spec).corpus), "undamaged, it is valid"
    files = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    outcomes: Counter[str] = Counter()
    for _ in range(count):
        for path in chance.sample(list(files), min(len(files), chance.choice([1, 1, 2]))):
            if chance.random() < 0.05:
                path.unlink()
            elif path.suffix == ".npy" and chance.random() < 0.3:
                np.save(path, replacement(chance))
            else:
                path.write_bytes(damage(files[path], chance))
        try:
            dataset = load_dataset(spec)
            assert len(dataset.corpus) and dataset.splits and dataset.fingerprint
            if dataset.vectors is not None:
                dataset.vectors.document_vectors(np.array([len(dataset.corpus) - 1]))
            outcomes["valid"] += 1
        except (InputError, UnavailableError) as error:
            assert str(error) and "\n" not in str(error), repr(str(error))
            outcomes["one line"] += 1
        for path, content in files.items():
            path.write_bytes(content)
    shutil.rmtree(folder)
    return outcomes


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_are_valid_or_one_line(kind: str, tmp_path: Path):
    outcomes = fuzz(kind, INPUTS[kind], 0, tmp_path / "data")
    assert outcomes.total() == INPUTS[kind] and outcomes["one line"]
