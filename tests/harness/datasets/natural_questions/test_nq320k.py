"""NQ320k from small files in the two formats of Natural Questions."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from harness.datasets import load_dataset
from harness.datasets.natural_questions import nq320k
from methods.errors import InputError


def page(title: str, paragraph: str) -> str:
    return (
        f"<H1> {title} </H1> <P> {paragraph} </P> <P> More   of it . </P> "
        "<Ul> <Li> a reference </Li> </Ul> <Ul> <Li> a link </Li> </Ul>"
    )


def write_folder(folder: Path) -> Path:
    train: list[dict[str, Any]] = [
        {"question_text": "who was it", "document_text": page("Café Paris", "First page .")},
        {"question_text": "who else", "document_text": page("cafe paris", "Same title .")},
        {"question_text": "where", "document_text": page("London", "A city .")},
        {"question_text": "no title", "document_text": "<P> Nothing . </P>"},
    ]
    dev = [
        {
            "question_text": question,
            "document_title": title,
            "document_tokens": [{"token": word} for word in page(title, paragraph).split()],
        }
        for question, title, paragraph in (
            ("which city", "London", "Another version ."),
            ("which river", "Thames", "A river ."),
        )
    ]
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (
        ("v1.0-simplified_simplified-nq-train.jsonl.gz", train),
        ("v1.0-simplified_nq-dev-all.jsonl.gz", dev),
    ):
        with gzip.open(folder / name, "wt") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    return folder


def test_the_first_page_of_each_title_is_the_document(tmp_path: Path):
    dataset = load_dataset(f"nq320k:{write_folder(tmp_path / 'nq')}")
    assert list(dataset.corpus.texts) == [
        "Café Paris First page . More of it . a reference",
        "London A city . More of it . a reference",
        "Nothing .",
        "Thames A river . More of it . a reference",
    ]
    assert dataset.splits["train"].documents.tolist() == [0, 0, 1, 2]
    assert dataset.test().documents.tolist() == [1, 3]


def test_questions_about_pages_of_training_questions_are_seen(tmp_path: Path):
    dataset = load_dataset(f"nq320k:{write_folder(tmp_path / 'nq')}")
    assert dataset.seen.tolist() == [True, False] and dataset.unseen.tolist() == [False, True]


def test_other_counts_than_the_published_ones_are_said_and_change_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = write_folder(tmp_path / "nq")
    dataset = load_dataset(f"nq320k:{folder}")
    assert dataset.name == "nq320k:nq"
    assert "4 documents instead of 109,739" in dataset.notes[0]
    small = {"documents": 4, "train queries": 4, "test queries": 2, "seen queries": 1}
    monkeypatch.setattr(nq320k, "NQ320K", small)
    dataset = load_dataset(f"nq320k:{folder}")
    assert dataset.name == "nq320k" and dataset.notes == ()


@pytest.mark.parametrize(
    "line", ["", "{", "[]", '{"question_text": "a"}', '{"question_text": 1, "document_text": ""}']
)
def test_a_damaged_line_is_named(tmp_path: Path, line: str):
    folder = write_folder(tmp_path / "nq")
    (folder / "v1.0-simplified_nq-dev-all.jsonl.gz").unlink()
    (folder / "nq-dev-all.jsonl").write_text(line + "\n")
    with pytest.raises(InputError, match=r"nq-dev-all.jsonl:1: expected a JSON object"):
        load_dataset(f"nq320k:{folder}")


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(InputError, match=r"has no \*nq-train\*"):
        load_dataset(f"nq320k:{tmp_path}")
