"""Read `beir:FOLDER`: corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv, gzipped or not."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO, cast

from harness.datasets.dataset import (
    SPLITS,
    Dataset,
    Split,
    SplitName,
    split_from_judgements,
)
from harness.datasets.grades import read_grade
from methods.base import Corpus
from methods.errors import InputError
from methods.texts import Ids, Texts

SUMMARY = (
    "a folder in BEIR layout: corpus.jsonl, queries.jsonl, qrels/{train,dev,test}.tsv (or .gz)"
)


def load(location: str) -> Dataset:
    """Return the dataset in a folder. Raise InputError with the file and line at fault."""
    folder = Path(location).expanduser()
    if not location or not folder.is_dir():
        raise InputError(f"{location or 'beir:'} is not a folder; write --dataset beir:FOLDER")
    corpus = read_corpus(_required(folder, "corpus.jsonl"))
    queries_path = _required(folder, "queries.jsonl")
    queries = read_queries(queries_path)
    splits: dict[SplitName, Split] = {}
    for name in SPLITS:
        path = _present(folder / "qrels", f"{name}.tsv")
        if path is not None:
            splits[name] = read_qrels(path, queries, queries_path, corpus)
    if not splits:
        raise InputError(f"{folder / 'qrels'} has no split; add train.tsv, dev.tsv or test.tsv")
    resolved = folder.resolve()
    return Dataset(f"beir:{resolved.name}", "", f"BEIR folder {resolved.name}", corpus, splits)


def read_corpus(path: Path) -> Corpus:
    """Read the documents line by line: title and text, joined by a space."""
    ids, texts = Ids(), Texts()
    for line, row in _json_lines(path):
        ids.append(_id(path, line, row))
        text = _field(path, line, row, "text")
        title = _field(path, line, row, "title") if row.get("title") else ""
        texts.append(f"{title} {text}" if title else text)
    if not len(ids):
        raise InputError(f"{path} is empty; expected one document per line")
    if (duplicate := ids.first_duplicate()) is not None:
        first, second = duplicate
        raise InputError(
            f"{path}: duplicate id {ids[first]!r}, in documents {first + 1} and {second + 1}"
        )
    return Corpus(ids, texts)


def read_queries(path: Path) -> dict[str, str]:
    """Read the queries of all splits: id to text."""
    queries: dict[str, str] = {}
    for line, row in _json_lines(path):
        name = _id(path, line, row)
        if name in queries:
            raise InputError(f"{path}:{line}: duplicate id {name!r}")
        queries[name] = _field(path, line, row, "text")
    return queries


def read_qrels(path: Path, queries: dict[str, str], queries_path: Path, corpus: Corpus) -> Split:
    """Read the judgements of a split: query id, corpus id and grade, after a header line."""
    judgements: list[tuple[str, int, int]] = []
    for number, line in _lines(path):
        fields = line.rstrip("\r\n").split("\t")
        if (number == 1 and fields[-1] == "score") or fields == [""]:
            continue
        if len(fields) != 3:
            raise InputError(
                f"{path}:{number}: expected 3 tab-separated columns, got {len(fields)}"
            )
        query, document, grade = fields
        if query not in queries:
            raise InputError(f"{path}:{number}: query {query!r} is not in {queries_path.name}")
        position = corpus.ids.find(document)
        if position < 0:
            raise InputError(f"{path}:{number}: document {document!r} is not in the corpus")
        judgements.append((query, position, read_grade(grade, f"{path}:{number}")))
    if not any(grade > 0 for _, _, grade in judgements):
        raise InputError(f"{path} is empty: no query has a relevant document")
    return split_from_judgements(queries, judgements)


def _required(folder: Path, name: str) -> Path:
    path = _present(folder, name)
    if path is None:
        raise InputError(f"{folder} has neither {name} nor {name}.gz; a BEIR folder needs one")
    return path


def _present(folder: Path, name: str) -> Path | None:
    candidates = (folder / name, folder / f"{name}.gz")
    return next((path for path in candidates if path.is_file()), None)


def _open(path: Path) -> TextIO:
    # utf-8-sig, because some editors start a file with a byte-order mark.
    if path.suffix == ".gz":
        return cast(TextIO, gzip.open(path, "rt", encoding="utf-8-sig"))
    return path.open(encoding="utf-8-sig")


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines of a file. Raise InputError if it cannot be read."""
    number = 0
    try:
        with _open(path) as file:
            for number, line in enumerate(file, start=1):
                yield number, line
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise InputError(f"{path} cannot be read after line {number}: {error}") from None


def _id(path: Path, line: int, row: dict[str, Any]) -> str:
    name = _field(path, line, row, "_id")
    if not name or any(character.isspace() for character in name):
        raise InputError(f"{path}:{line}: the id {name!r} is empty or contains whitespace")
    return name


def _field(path: Path, line: int, row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise InputError(f"{path}:{line}: {name!r} is missing or not a string")
    return value


def _json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in _lines(path):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict):
            raise InputError(f"{path}:{number}: expected a JSON object with _id and text")
        yield number, row
