"""Read the questions and pages of Natural Questions (Kwiatkowski et al., TACL 2019)."""

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from methods.errors import InputError

TAG = re.compile(r"<[^<]+?>")
SPACES = re.compile(r" +")
LONGEST = 8000
"""The characters of a page that are kept; encoders read 512 tokens at most of them."""


@dataclass(frozen=True)
class Question:
    """A question with the title and the text of the page that answers it."""

    text: str
    title: str
    page: str


def find_file(folder: Path, part: str) -> Path:
    """Return the file of a part, "train" or "dev". Raise InputError unless there is one."""
    names = {
        path.name: path
        for path in sorted(folder.iterdir())
        if f"nq-{part}" in path.name and path.name.endswith((".jsonl", ".jsonl.gz"))
    }
    if len(names) != 1:
        found = f"has {' and '.join(names)}" if names else f"has no *nq-{part}*.jsonl.gz"
        raise InputError(
            f"{folder} {found}; expected v1.0-simplified_simplified-nq-train.jsonl.gz and "
            "v1.0-simplified_nq-dev-all.jsonl.gz, as Natural Questions publishes them"
        )
    return next(iter(names.values()))


def read_questions(path: Path) -> Iterator[Question]:
    """Yield the questions of a file. Raise InputError with the line at fault."""
    number = 0
    opener: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                yield _question(line, f"{path}:{number}")
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise InputError(f"{path} cannot be read after line {number}: {error}") from None


def _question(line: str, place: str) -> Question:
    try:
        row = json.loads(line)
        text, page = row["question_text"], row.get("document_text")
        if page is None:  # the dev file has tokens instead
            page = " ".join(token["token"] for token in row["document_tokens"])
        title = row.get("document_title")
        if title is None:  # the simplified training file has none
            title = _between(page, "<H1>", "</H1>")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        row, text, title, page = None, None, None, None
    if not all(isinstance(part, str) for part in (text, title, page)):
        raise InputError(
            f"{place}: expected a JSON object with question_text and document_text, or "
            "document_tokens and document_title"
        )
    return Question(text, title, _plain(title, page))


def _plain(title: str, page: str) -> str:
    """Return the title, the first paragraph and the rest of a page without its last list.

    This is the text of NCI (Wang et al., NeurIPS 2022), with spaces between its parts.
    """
    paragraph = _between(page, "<P>", "</P>")
    rest = page[page.find("</P>") + len("</P>") :] if paragraph else page
    for _ in range(2):  # the last list ends the page; what counts ends with the one before
        end = rest.rfind("</Ul>")
        rest = rest[:end] if end >= 0 else rest
    parts = (_without_tags(part) for part in (title, paragraph, rest))
    return " ".join(part for part in parts if part)[:LONGEST]


def _between(text: str, start: str, end: str) -> str:
    first = text.find(start)
    last = text.find(end, first)
    return text[first + len(start) : last].strip() if 0 <= first < last else ""


def _without_tags(text: str) -> str:
    return SPACES.sub(" ", TAG.sub("", text).replace("\n", "")).strip()


def title_keys(titles: Sequence[str]) -> list[str]:
    """Return what makes two titles the same: their words as BERT's uncased tokeniser reads them.

    The embedded encoder has that tokeniser. Raise UnavailableError if it is not installed.
    """
    tokenizer = _uncased_tokenizer()
    encoded = tokenizer.encode_batch(list(titles), add_special_tokens=False)
    return [tokenizer.decode(each.ids, skip_special_tokens=False) for each in encoded]


@cache
def _uncased_tokenizer() -> Any:
    from tokenizers import Tokenizer

    from methods.encoder.sources import MINILM, encoder_folder

    tokenizer = Tokenizer.from_file(str(encoder_folder(MINILM.name) / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
