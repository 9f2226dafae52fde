"""Guess what the columns of a table are by their names, or ask for those that cannot be guessed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from methods.errors import InputError

IDS = ("_id", "id")
DOCUMENT_IDS = ("corpus-id", "corpus_id", "doc_id", "docid", "document_id", "pid")
QUERY_IDS = ("query-id", "query_id", "qid")
ROLES: Mapping[str, Mapping[str, Sequence[str]]] = {
    "corpus": {
        "id": (*IDS, *DOCUMENT_IDS),
        "text": ("text", "contents", "content", "document", "passage", "body"),
    },
    "queries": {"id": (*IDS, *QUERY_IDS), "text": ("text", "query", "question")},
    "qrels": {"query": QUERY_IDS, "document": DOCUMENT_IDS},
    "pairs": {
        "query": ("anchor", "query", "question", "sentence1"),
        "positive": ("positive", "pos", "answer", "document", "passage", "context", "sentence2"),
    },
}
"""The columns that each table needs, with the names that are known for them."""
OPTIONAL: Mapping[str, Mapping[str, Sequence[str]]] = {
    "corpus": {"title": ("title",)},
    "queries": {},
    "qrels": {"score": ("score", "relevance", "label", "rel")},
    "pairs": {},
}
NEGATIVE = re.compile(r"neg(ative)?s?([_-]?\d+)?")
LABELS = {"label", "score", "scores"}


@dataclass(frozen=True)
class Columns:
    """The columns of a table by role, and those with negatives."""

    by_role: Mapping[str, str]
    negatives: Sequence[str] = ()


def find_columns(table: str, names: Iterable[str], given: Mapping[str, str], spec: str) -> Columns:
    """Return the columns of a table, "corpus", "queries", "qrels" or "pairs".

    `given` are columns that the user has named, by "table.role". Raise InputError, which asks for
    the column by name, if one is not known or not there.
    """
    present = list(names)
    found: dict[str, str] = {}
    for role, known in {**ROLES[table], **OPTIONAL[table]}.items():
        named = given.get(f"{table}.{role}")
        if named is not None and named not in present:
            raise InputError(f"{spec}: {table} has no column {named!r}; it has {_listed(present)}")
        column = named or next((name for name in known if name in present), None)
        if column is not None:
            found[role] = column
        elif role in ROLES[table]:
            raise InputError(
                f"{spec}: which column of {table} is its {role}, of {_listed(present)}? Name it: "
                f"--dataset '{_with_question(spec, f'{table}.{role}=COLUMN')}'"
            )
    if table != "pairs":
        return Columns(found)
    if labels := LABELS & set(present):
        raise InputError(
            f"{spec} has the column {min(labels)!r}: pairs with labels are not judgements; take "
            "pairs or triplets of which all positives are relevant"
        )
    negatives = [name for name in present if NEGATIVE.fullmatch(name.lower())]
    return Columns(found, [name for name in negatives if name not in found.values()])


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:20])
    return f"{shown} and {len(names) - 20} more" if len(names) > 20 else shown or "none"


def _with_question(spec: str, option: str) -> str:
    return f"{spec}{'&' if '?' in spec else '?'}{option}"
