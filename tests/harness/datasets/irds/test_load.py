"""irds: reads small datasets that are registered with ir_datasets itself."""

from collections.abc import Iterator
from pathlib import Path

import ir_datasets
import pytest
from ir_datasets.datasets.base import Dataset as IrDataset

from harness.datasets import load_dataset
from harness.datasets.irds import load as irds
from harness.datasets.irds.ids import KNOWN_IDS, SourceIds
from methods.errors import InputError
from tests.harness.datasets.irds.made_ids import made_documents, made_split

CORPUS = """{"doc_id": "d1", "title": "Fever", "text": "a high temperature"}
{"doc_id": "d2", "title": "", "text": "an abnormal heart"}
"""


@pytest.fixture
def registered(tmp_path: Path) -> Iterator[str]:
    """Documents and two judged splits under `ehibench-test` in ir_datasets' registry."""
    docs = made_documents(tmp_path / "docs.jsonl", CORPUS)
    registry = ir_datasets.registry
    registry.register("ehibench-test", IrDataset(docs))
    for split, query, document in (("train", "q1", "d1"), ("dev/small", "q2", "d2")):
        queries = f"{query}\twhat is {document}\n{query}x\tnot judged\n"
        made = made_split(tmp_path / query, docs, queries, f"{query} 0 {document} 1\n")
        registry.register(f"ehibench-test/{split}", made)
    yield "ehibench-test"
    for name in ("ehibench-test", "ehibench-test/train", "ehibench-test/dev/small"):
        registry._registered.pop(name)


def test_every_split_is_read_from_its_own_id(registered: str):
    splits = {"train": f"{registered}/train", "test": f"{registered}/dev/small"}
    dataset = irds.load_from_ids("made", SourceIds(registered, splits))  # type: ignore[arg-type]
    assert list(dataset.corpus.ids) == ["d1", "d2"]
    assert list(dataset.corpus.texts) == ["Fever a high temperature", "an abnormal heart"]
    assert list(dataset.splits["train"].ids) == ["q1"]
    assert list(dataset.test().texts) == ["what is d2"]
    assert dataset.test().documents.tolist() == [1]
    assert dataset.unseen.tolist() == [True]


def test_judgements_of_what_is_missing_are_noted(registered: str, tmp_path: Path):
    (tmp_path / "q1.qrels").write_text("q1 0 d9 1\nq1 0 d1 1\nq7 0 d1 1\nq1 0 d1 0\nq1 0 d2 1\n")
    source_ids = SourceIds(registered, {"test": f"{registered}/train"})
    dataset = irds.load_from_ids("made", source_ids)
    assert dataset.test().documents.tolist() == [-1, 0, 1]
    assert dataset.test().grades.tolist() == [1, 0, 1]
    assert [note.split(",")[0] for note in dataset.notes] == [
        "test: 1 of 5 judgements name documents that the corpus lacks",
        "test: 1 of 5 judgements name queries without a text",
        "test: 1 of 3 judged pairs have several grades",
    ]


def test_the_relevance_level_is_that_of_the_test_split(registered: str):
    splits = {"train": f"{registered}/train", "test": f"{registered}/dev/small"}
    source_ids = SourceIds(registered, splits, test_relevant_from=2)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="dev/small is empty: no query has a relevant document"):
        irds.load_from_ids("made", source_ids)


def test_the_relevance_level_is_part_of_the_description(registered: str, tmp_path: Path):
    (tmp_path / "q2.qrels").write_text("q2 0 d1 1\nq2 0 d2 2\n")
    splits = {"train": f"{registered}/train", "test": f"{registered}/dev/small"}
    source_ids = SourceIds(registered, splits, test_relevant_from=2)  # type: ignore[arg-type]
    dataset = irds.load_from_ids("made", source_ids)
    assert "; relevant from grade 2; " in dataset.source
    assert dataset.test().relevant_from == 2 and dataset.test().relevant().tolist() == [1]
    assert dataset.splits["train"].relevant_from == 1
    assert dataset.splits["train"].relevant().tolist() == [0]


def test_only_trec_dl_has_a_relevance_level_above_1():
    levels = {name: ids.test_relevant_from for name, ids in KNOWN_IDS.items()}
    assert {name for name, level in levels.items() if level != 1} == {
        "msmarco-passage/trec-dl-2019",
        "msmarco-passage/trec-dl-2020",
    }


def test_a_huge_grade_is_rejected_with_its_query_and_document(registered: str, tmp_path: Path):
    (tmp_path / "q1.qrels").write_text("q1 0 d1 2000\n")
    message = "irds:ehibench-test/train: query q1, document d1: the grade 2000 is not between"
    with pytest.raises(InputError, match=message):
        irds.load_from_ids("made", SourceIds(registered, {"test": f"{registered}/train"}))


@pytest.mark.parametrize("name", sorted(KNOWN_IDS))
def test_every_known_id_exists_in_ir_datasets_with_documents_queries_and_judgements(name: str):
    source_ids = KNOWN_IDS[name]
    assert ir_datasets.load(source_ids.documents).has_docs()
    for split_id in source_ids.splits.values():
        split = ir_datasets.load(split_id)
        assert split.has_queries() and split.has_qrels()


def test_ms_marco_trains_on_train_and_tests_on_dev():
    splits = KNOWN_IDS["msmarco-passage"].splits
    assert splits == {
        "train": "msmarco-passage/train/judged",
        "test": "msmarco-passage/dev/small",
    }
    assert KNOWN_IDS["msmarco-passage/trec-dl-2019"].splits["test"].endswith("trec-dl-2019/judged")


def test_an_unknown_id_is_rejected_with_the_nearest_one():
    with pytest.raises(InputError, match="did you mean 'beir/scifact'"):
        load_dataset("irds:beir/scifacts")
