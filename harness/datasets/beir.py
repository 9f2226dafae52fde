"""Read `beir:FOLDER`: corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv, gzipped or not."""

import csv
import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO, cast

from harness.datasets.dataset import SPLITS, Dataset, Split, SplitName
from harness.datasets.grades import is_grade, read_grade
from harness.datasets.judgements import Judgements
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
    queries = read_queries(_required(folder, "queries.jsonl"))
    splits: dict[SplitName, Split] = {}
    notes = []
    for name in SPLITS:
        path = present(folder / "qrels", f"{name}.tsv")
        if path is not None:
            judgements = read_qrels(path, queries, corpus)
            splits[name] = judgements.split(str(path))
            notes += [f"{name}: {note}" for note in judgements.notes()]
    if not splits:
        raise InputError(f"{folder / 'qrels'} has no split; add train.tsv, dev.tsv or test.tsv")
    resolved = folder.resolve()
    source = f"BEIR folder {resolved.name}"
    return Dataset(f"beir:{resolved.name}", "", source, corpus, splits, notes=tuple(notes))


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


def read_qrels(path: Path, queries: dict[str, str], corpus: Corpus) -> Judgements:
    """Read the judgements of a split: query id, corpus id and grade.

    Fields may be quoted. The first line is a header, whatever it says, unless it is a judgement of
    a known query or document.
    """
    judgements = Judgements(queries, corpus)
    first = True
    for number, line in _lines(path):
        fields = _split_fields(line)
        if not any(fields):
            continue
        is_header, first = first and not _is_judgement(fields, queries, corpus), False
        if is_header:
            continue
        if len(fields) != 3:
            raise InputError(
                f"{path}:{number}: expected 3 tab-separated columns, got {len(fields)}"
            )
        query, document, grade = fields
        judgements.add(query, document, read_grade(grade, f"{path}:{number}"))
    return judgements


def _split_fields(line: str) -> list[str]:
    """Return the fields of a line, without the quotes around them."""
    line = line.rstrip("\r\n")
    if '"' not in line:
        return line.split("\t")
    try:
        return next(csv.reader([line], delimiter="\t"))
    except csv.Error:  # a field beyond the limit of the csv module
        return line.split("\t")


def _is_judgement(fields: list[str], queries: dict[str, str], corpus: Corpus) -> bool:
    """Decide whether a first line is a judgement rather than a header."""
    if fields[0] in queries:
        return True
    return len(fields) == 3 and is_grade(fields[2]) and corpus.ids.find(fields[1]) >= 0


def _required(folder: Path, name: str) -> Path:
    path = present(folder, name)
    if path is None:
        raise InputError(f"{folder} has neither {name} nor {name}.gz; a BEIR folder needs one")
    return path


def present(folder: Path, name: str) -> Path | None:
    """Return the file of that name, or the gzipped one, or None if neither is there."""
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
