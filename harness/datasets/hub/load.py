"""Read `hf:OWNER/NAME` and `parquet:FOLDER`: a corpus with queries and qrels, or pairs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from harness.datasets.dataset import SPLITS, Dataset, Split, SplitName, split_from_judgements
from harness.datasets.grades import read_grade
from harness.datasets.hub.columns import OPTIONAL, ROLES, Columns, find_columns
from harness.datasets.hub.tables import (
    ONE_SPLIT,
    SPLIT_NAMES,
    Table,
    hub_tables,
    parquet_tables,
    rows_of,
)
from harness.datasets.judgements import Judgements
from harness.datasets.split_rules import with_missing_splits
from methods.base import Corpus
from methods.errors import InputError, unknown
from methods.paths import user_path
from methods.texts import Ids, Texts

HF_SUMMARY = "a dataset of the Hugging Face hub: corpus, queries and qrels, or pairs or triplets"
PARQUET_SUMMARY = "the same in parquet files in a folder"
OPTIONS = {"config"} | {
    f"{table}.{role}" for table in ROLES for role in (*ROLES[table], *OPTIONAL[table])
}


def load_hub(location: str) -> Dataset:
    """Return a dataset of the hub, or of a folder that was cloned from it."""
    name, options = _parsed(location, "hf:OWNER/NAME")
    path = user_path(name)
    repository = str(path) if path.is_dir() else name
    tables = hub_tables(repository, options.get("config"), f"hf:{location}")
    title = path.resolve().name if path.is_dir() else name
    return _dataset(f"hf:{title}", f"Hugging Face dataset {title}", tables, options, location)


def load_parquet(location: str) -> Dataset:
    """Return the dataset in the parquet files below a folder."""
    name, options = _parsed(location, "parquet:FOLDER")
    folder = user_path(name)
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; write --dataset parquet:FOLDER")
    tables, title = parquet_tables(folder), folder.resolve().name
    return _dataset(f"parquet:{title}", f"parquet files {title}", tables, options, location)


def _parsed(location: str, usage: str) -> tuple[str, dict[str, str]]:
    """Split what follows the colon into a name and the options after a question mark."""
    name, _, text = location.partition("?")
    if not name:
        raise InputError(f"write --dataset {usage}")
    options = dict(parse_qsl(text, keep_blank_values=True))
    for option in options:
        if option not in OPTIONS:
            raise unknown("option of a dataset", option, OPTIONS)
    return name, options


def _dataset(
    name: str, source: str, tables: Mapping[str, Table], options: Mapping[str, str], location: str
) -> Dataset:
    spec = f"{name.partition(':')[0]}:{location}"
    notes: list[str] = []
    if "pairs" in tables:
        corpus, splits = _from_pairs(tables["pairs"], options, spec)
    else:
        corpus, splits, notes = _from_tables(tables, options, spec)
    splits, made = with_missing_splits(splits)
    return Dataset(
        name, "", f"{source}; {made}" if made else source, corpus, splits, notes=tuple(notes)
    )


def _from_tables(
    tables: Mapping[str, Table], options: Mapping[str, str], spec: str
) -> tuple[Corpus, dict[SplitName, Split], list[str]]:
    ids, texts = Ids(), Texts()
    for columns, row in _all_rows("corpus", tables, options, spec):
        ids.append(_id(row, columns["id"], spec))
        title = str(row[columns["title"]] or "") if "title" in columns else ""
        text = _text(row, columns["text"], spec)
        texts.append(f"{title} {text}" if title else text)
    if (duplicate := ids.first_duplicate()) is not None:
        raise InputError(f"{spec}: duplicate id {ids[duplicate[0]]!r} in its corpus")
    corpus = Corpus(ids, texts)
    queries = {
        _id(row, columns["id"], spec): _text(row, columns["text"], spec)
        for columns, row in _all_rows("queries", tables, options, spec)
    }
    splits: dict[SplitName, Split] = {}
    notes: list[str] = []
    qrels = tables["qrels"]
    for split, rows in qrels.items():
        name = _split_name(split, qrels, spec)
        judgements = Judgements(queries, corpus)
        place = f"{spec}, qrels of {split}"
        for columns, row in _table_rows("qrels", rows, options, spec, place):
            grade = row[columns["score"]] if "score" in columns else 1
            judgements.add(
                _id(row, columns["query"], spec),
                _id(row, columns["document"], spec),
                _grade(grade, place),
            )
        splits[name] = judgements.split(place)
        notes += [f"{name}: {note}" for note in judgements.notes()]
    return corpus, splits, notes


def _from_pairs(
    table: Table, options: Mapping[str, str], spec: str
) -> tuple[Corpus, dict[SplitName, Split]]:
    """Return the distinct positives and negatives as documents, the positives as relevant."""
    documents: dict[str, int] = {}
    splits: dict[SplitName, Split] = {}
    named = {_split_name(split, table, spec): split for split in table}
    for name in (each for each in SPLITS if each in named):
        split, rows = named[name], table[named[name]]
        queries: dict[str, str] = {}  # ids by text
        relevant: dict[tuple[str, int], None] = {}
        for columns, row in _pair_rows(rows, options, spec, f"{spec}, {split}"):
            query = _text(row, columns.by_role["query"], spec)
            positives = _listed_texts(row, columns.by_role["positive"], spec)
            identity = queries.setdefault(query, f"{name}-{len(queries)}")
            for text in positives:
                position = documents.setdefault(text, len(documents))
                relevant[identity, position] = None
            for column in columns.negatives:
                for text in _listed_texts(row, column, spec):
                    documents.setdefault(text, len(documents))
        if not relevant:
            raise InputError(f"{spec}: {split} has no pairs")
        texts = {identity: text for text, identity in queries.items()}
        splits[name] = split_from_judgements(texts, ((q, d, 1) for q, d in relevant))
    ids = Ids(f"d{number}" for number in range(len(documents)))
    return Corpus(ids, Texts(documents)), splits


def _all_rows(
    table: str, tables: Mapping[str, Table], options: Mapping[str, str], spec: str
) -> Iterator[tuple[Mapping[str, str], Mapping[str, Any]]]:
    """Yield the columns by role with each row of every split; raise InputError if there is none."""
    count = 0
    for rows in tables[table].values():
        for columns, row in _table_rows(table, rows, options, spec, f"{spec}, {table}"):
            count += 1
            yield columns, row
    if not count:
        raise InputError(f"{spec}: {table} is empty")


def _table_rows(
    table: str, rows: Any, options: Mapping[str, str], spec: str, place: str
) -> Iterator[tuple[Mapping[str, str], Mapping[str, Any]]]:
    columns: Columns | None = None
    for row in rows_of(rows, place):
        columns = columns or find_columns(table, row, options, spec)
        yield columns.by_role, row


def _pair_rows(
    rows: Any, options: Mapping[str, str], spec: str, place: str
) -> Iterator[tuple[Columns, Mapping[str, Any]]]:
    columns: Columns | None = None
    for row in rows_of(rows, place):
        columns = columns or find_columns("pairs", row, options, spec)
        yield columns, row


def _split_name(split: str, table: Table, spec: str) -> SplitName:
    """Return the split that a name means; a single one with another name is to train on."""
    found = SPLIT_NAMES.get(split.lower())
    if found is not None:
        return found
    if len(table) == 1:
        return SPLIT_NAMES[ONE_SPLIT]
    raise InputError(f"{spec}: the split {split!r} is neither train, dev nor test")


def _id(row: Mapping[str, Any], column: str, spec: str) -> str:
    value = row.get(column)
    name = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not name or any(character.isspace() for character in name):
        raise InputError(f"{spec}: the id {value!r:.50} in {column} is empty or has whitespace")
    return name


def _text(row: Mapping[str, Any], column: str, spec: str) -> str:
    value = row.get(column)
    if not isinstance(value, str):
        raise InputError(f"{spec}: {column} has {value!r:.50} instead of a text")
    return value


def _listed_texts(row: Mapping[str, Any], column: str, spec: str) -> Sequence[str]:
    value = row.get(column)
    if isinstance(value, list) and all(isinstance(text, str) for text in value):
        return value
    return [_text(row, column, spec)]


def _grade(value: Any, place: str) -> int:
    if isinstance(value, float) and not value.is_integer():
        raise InputError(f"{place}: the grade {value} is not a whole number")
    if not isinstance(value, str | int | float):
        raise InputError(f"{place}: the grade {value!r:.50} is not a whole number")
    return read_grade(int(value) if isinstance(value, float) else value, place)
