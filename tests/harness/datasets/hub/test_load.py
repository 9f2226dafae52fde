"""Small folders in the layouts that BEIR, MTEB and sentence-transformers publish."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("datasets")
pytest.importorskip("pyarrow")

import pyarrow as pa
import pyarrow.parquet as pq

from harness.datasets import load_dataset
from harness.datasets.dataset import Dataset
from methods.errors import InputError

CORPUS = [
    {"_id": "d1", "title": "Fever", "text": "a high temperature"},
    {"_id": "d2", "title": "", "text": "an abnormal heart"},
    {"_id": "d3", "title": "", "text": "a short stature"},
]
QUERIES = [{"_id": f"q{i}", "text": f"question {i}"} for i in range(4)]
TRAIN = [{"query-id": "q0", "corpus-id": "d1", "score": 1}]
TEST = [
    {"query-id": "q1", "corpus-id": "d2", "score": 2},
    {"query-id": "q1", "corpus-id": "d3", "score": 1},
    {"query-id": "q2", "corpus-id": "d9", "score": 1},
]
HUB_CARD = """---
configs:
- config_name: corpus
  data_files: [{split: corpus, path: corpus/*.parquet}]
- config_name: queries
  data_files: [{split: queries, path: queries/*.parquet}]
- config_name: default
  data_files:
  - {split: train, path: qrels/train.parquet}
  - {split: test, path: qrels/test.parquet}
---
"""


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path)


def write_retrieval(folder: Path) -> Path:
    write(folder / "corpus" / "corpus-00000-of-00001.parquet", CORPUS)
    write(folder / "queries" / "queries-00000-of-00001.parquet", QUERIES)
    write(folder / "qrels" / "train.parquet", TRAIN)
    write(folder / "qrels" / "test.parquet", TEST)
    return folder


def check_retrieval(dataset: Dataset) -> None:
    assert list(dataset.corpus.ids) == ["d1", "d2", "d3"]
    assert dataset.corpus.texts[0] == "Fever a high temperature"
    assert list(dataset.test().texts) == ["question 1", "question 2"]
    assert dataset.test().documents.tolist() == [1, 2, -1]
    assert dataset.test().grades.tolist() == [2, 1, 1]
    assert list(dataset.splits["train"].ids) == ["q0"]
    assert any("documents that the corpus lacks" in note for note in dataset.notes)


def test_a_corpus_with_queries_and_qrels_as_mteb_publishes_it(tmp_path: Path):
    check_retrieval(load_dataset(f"parquet:{write_retrieval(tmp_path / 'data')}"))


def test_a_clone_of_a_hub_dataset_is_read_by_its_card(tmp_path: Path):
    folder = write_retrieval(tmp_path / "data")
    (folder / "README.md").write_text(HUB_CARD)
    check_retrieval(load_dataset(f"hf:{folder}"))


def test_beir_publishes_its_qrels_in_a_dataset_of_their_own(tmp_path: Path):
    folder = write_retrieval(tmp_path / "data")
    (folder / "README.md").write_text(HUB_CARD.partition("- config_name: default")[0] + "---\n")
    (folder / "qrels").rename(tmp_path / "data-qrels")
    check_retrieval(load_dataset(f"hf:{folder}"))


def test_one_of_several_configurations_has_to_be_named(tmp_path: Path):
    card = "---\nconfigs:\n"
    for name in ("pair", "triplet"):
        card += f"- config_name: {name}\n  data_files: {name}/*.parquet\n"
        rows = [{"anchor": f"{number}", "positive": name} for number in range(90)]
        write(tmp_path / name / "train.parquet", rows)
    (tmp_path / "README.md").write_text(f"{card}---\n")
    with pytest.raises(InputError, match=r"configurations pair, triplet; name one.*config=pair"):
        load_dataset(f"hf:{tmp_path}")
    assert list(load_dataset(f"hf:{tmp_path}?config=triplet").corpus.texts) == ["triplet"]


def test_triplets_make_documents_of_positives_and_negatives(tmp_path: Path):
    rows = [
        {"anchor": "a", "positive": "p1", "negative_1": "n1", "negative_2": "n2"},
        {"anchor": "a", "positive": "p2", "negative_1": "n1", "negative_2": "p1"},
        {"anchor": "b", "positive": "p1", "negative_1": "n3", "negative_2": "n1"},
    ]
    write(tmp_path / "data" / "train-00000-of-00001.parquet", rows)
    write(tmp_path / "data" / "test-00000-of-00001.parquet", [{**rows[0], "positive": "n1"}])
    dataset = load_dataset(f"parquet:{tmp_path}")
    assert list(dataset.corpus.texts) == ["p1", "n1", "n2", "p2", "n3"]
    train = dataset.splits["train"]
    assert list(train.texts) == ["a", "b"] and train.documents.tolist() == [0, 3, 0]
    assert dataset.test().documents.tolist() == [1]


def test_lists_of_positives_and_negatives(tmp_path: Path):
    write(tmp_path / "train.parquet", [{"query": "a", "positive": ["p", "q"], "negative": ["n"]}])
    write(tmp_path / "test.parquet", [{"query": "b", "positive": ["q"], "negative": ["n"]}])
    dataset = load_dataset(f"parquet:{tmp_path}")
    assert list(dataset.corpus.texts) == ["p", "q", "n"]


def test_pairs_without_a_test_split_are_split_by_a_hash(tmp_path: Path):
    write(tmp_path / "pairs.parquet", [{"question": f"q{i}", "answer": f"a{i}"} for i in range(90)])
    dataset = load_dataset(f"parquet:{tmp_path}")
    assert len(dataset.test()) + len(dataset.splits["train"]) == 90
    assert "training queries, by a hash, are the test queries" in dataset.source


def test_a_column_that_cannot_be_guessed_is_asked_for_by_name(tmp_path: Path):
    write(tmp_path / "train.parquet", [{"left": f"q{i}", "right": "a"} for i in range(90)])
    spec = f"parquet:{tmp_path}"
    with pytest.raises(InputError, match=r"its query, of left, right.*pairs\.query=COLUMN"):
        load_dataset(spec)
    with pytest.raises(InputError, match=r"its positive.*&pairs\.positive=COLUMN"):
        load_dataset(f"{spec}?pairs.query=left")
    with pytest.raises(InputError, match="no column 'middle'; it has left, right"):
        load_dataset(f"{spec}?pairs.query=middle&pairs.positive=right")
    named = load_dataset(f"{spec}?pairs.query=left&pairs.positive=right")
    assert list(named.corpus.texts) == ["a"]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([{"sentence1": "a", "sentence2": "b", "label": 0}], "pairs with labels"),
        ([{"anchor": "a", "positive": None}], "positive has None instead of a text"),
        ([{"anchor": 7, "positive": "b"}], "anchor has 7 instead of a text"),
    ],
)
def test_what_is_not_pairs_is_one_line(tmp_path: Path, rows: list[dict[str, Any]], reason: str):
    write(tmp_path / "train.parquet", rows)
    with pytest.raises(InputError, match=reason):
        load_dataset(f"parquet:{tmp_path}")


def test_a_damaged_file_is_one_line(tmp_path: Path):
    (tmp_path / "train.parquet").write_bytes(b"PAR1 not parquet")
    with pytest.raises(InputError, match="cannot be read"):
        load_dataset(f"parquet:{tmp_path}")
