"""Read `wordnet`: the synsets of WordNet, where each query is a further word of a synset.

WordNet's own files are read (https://wordnet.princeton.edu/documentation/wndb5wn). A document is a
synset: its first word and its definition. A query asks for all synsets that have one of its other
words.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import Path as ZipPath

from harness.datasets.dataset import SPLITS, Dataset, Split, SplitName, split_from_judgements
from harness.datasets.synonyms import normal_form, split_of
from harness.datasets.wordnet_files import INSTALL, find_installed, open_folder, read_lines
from methods.base import Corpus
from methods.errors import InputError, UnavailableError, missing_library
from methods.texts import Ids, Texts

SUMMARY = "WordNet: words to synsets, 117,659 documents; from Debian, NLTK or FOLDER"
CITATION = "Fellbaum, WordNet: An Electronic Lexical Database, MIT Press 1998"
RELEASE = "3.0"
INSTALL_HINT = missing_library("wordnet", f"WordNet {RELEASE}", INSTALL)
RELEASE_SHA256 = "f9595b9ac5ca77c5acea132f92bdd5528742c20623a015d18947f56aa1622225"
"""Over the documents and queries of release 3.0; see `texts_sha256`."""

PARTS = {"noun": "n", "verb": "v", "adj": "as", "adv": "r"}
"""The files of WordNet, and the types of the synsets in them; "s" is a kind of adjective."""
LICENCE = "  "
"""The lines at the top of a file that begin with two spaces are the licence."""
NOTICE = re.compile(r"WordNet (\d+\.\d+) Copyright (\d{4})")
HEAD = re.compile(r"(\d{8}) \d\d (\w) ([0-9a-f]{2}) ")
"""The offset, the type and the number of words at the start of a synset's line."""
POINTERS = re.compile(r"\d{3}")
"""The number of pointers, which follows the words."""
MARKER = re.compile(r"\((a|p|ip)\)$")
EXAMPLES = re.compile(r'; ?"')
"""Separates the definition from the examples; in a few glosses the space is missing."""
SHORTEST = 3
"""The shortest word that is a query, in characters."""


@dataclass(frozen=True)
class Synset:
    """A set of words with one meaning."""

    id: str
    words: Sequence[str]
    definition: str


def load(location: str) -> Dataset:
    """Return the dataset in a folder or zip file, or else in the usual places.

    A release other than 3.0 has a name of its own, such as wordnet-3.1, because its documents and
    queries differ.

    Raises:
        UnavailableError: If WordNet is in none of the usual places and no folder is given.
        InputError: If a file is missing or damaged, with the line at fault.
    """
    path = Path(location) if location else find_installed()
    if path is None:
        raise UnavailableError(INSTALL_HINT)
    folder = open_folder(path)
    release, year = read_release(folder)
    ids, texts, words = Ids(), Texts(), list[Sequence[str]]()
    for part in PARTS:
        for synset in read_synsets(folder, part):
            ids.append(synset.id)
            texts.append(f"{synset.words[0]} {synset.definition}")
            words.append(synset.words)
    corpus = Corpus(ids, texts)
    if (duplicate := corpus.ids.first_duplicate()) is not None:
        raise InputError(f"{folder}: duplicate synset {corpus.ids[duplicate[0]]}")
    splits = _splits(words)
    if not splits:
        raise InputError(f"{folder}: no synset has a second word to search with")
    if release == RELEASE and (sha256 := texts_sha256(corpus, splits)) != RELEASE_SHA256:
        raise InputError(
            f"{folder} is not release {release} as published (the sha256 of its texts is "
            f"{sha256[:12]}); run: {INSTALL}"
        )
    source = f"WordNet {release}, Copyright {year} Princeton University; {CITATION}"
    name = "wordnet" if release == RELEASE else f"wordnet-{release}"
    return Dataset(name, release, source, corpus, splits)


def missing_files() -> str | None:
    """Return how to install WordNet, or None if it is in one of the usual places."""
    return INSTALL_HINT if find_installed() is None else None


def read_release(folder: Path | ZipPath) -> tuple[str, str]:
    """Return the release and the year that the licence in data.noun names."""
    for _, line in read_lines(folder, "data.noun"):
        if not line.startswith(LICENCE):
            break
        if (notice := NOTICE.search(line)) is not None:
            return notice[1], notice[2]
    raise InputError(
        f"{folder / 'data.noun'} does not name its release: expected the licence with a line such "
        "as 'WordNet 3.0 Copyright 2006' at its top"
    )


def read_synsets(folder: Path | ZipPath, part: str) -> Iterator[Synset]:
    """Yield the synsets of a part, such as "noun". Raise InputError with the line at fault."""
    name = f"data.{part}"
    synset = None
    for number, line in read_lines(folder, name):
        if line.startswith(LICENCE) and synset is None:
            continue
        synset = parse_synset(line, PARTS[part])
        if synset is None:
            raise InputError(
                f"{folder / name}:{number}: expected a synset of type {' or '.join(PARTS[part])}, "
                f"got {line[:40].rstrip()!r}"
            )
        yield synset
    if synset is None:
        raise InputError(f"{folder / name} has no synset; copy it again")


def parse_synset(line: str, types: str) -> Synset | None:
    """Return the synset of a line, or None if the line is not a synset of one of the types.

    A line has the offset, a file number, the type, the number of words in hexadecimal, each word
    with its sense number, the pointers and, after a bar, the gloss: a definition, then examples.
    """
    fields, bar, gloss = line.partition(" | ")
    head = HEAD.match(fields)
    if not bar or head is None or head[2] not in types:
        return None
    rest, size = fields[head.end() :].split(" "), 2 * int(head[3], 16)
    if not 0 < size < len(rest) or not POINTERS.fullmatch(rest[size]):
        return None
    words = [MARKER.sub("", word).replace("_", " ") for word in rest[:size:2]]
    definition = EXAMPLES.split(gloss, maxsplit=1)[0].strip().rstrip(";")
    return Synset(types[0] + head[1], words, definition)


def texts_sha256(corpus: Corpus, splits: Mapping[SplitName, Split]) -> str:
    """Return a sha256 over the ids and texts of the documents and of the queries."""
    digests = [corpus.ids.digest(), corpus.texts.digest()]
    for name in SPLITS:
        if name in splits:
            digests += [splits[name].ids.digest(), splits[name].texts.digest()]
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def _splits(synsets: Sequence[Sequence[str]]) -> dict[SplitName, Split]:
    """Return the splits that have queries. Spellings with one normal form are one query.

    `synsets` has the words of each document.
    """
    positions: dict[str, list[int]] = {}
    spellings: dict[str, str] = {}
    for position, words in enumerate(synsets):
        forms = [normal_form(word) for word in words]
        for form in dict.fromkeys(forms):
            positions.setdefault(form, []).append(position)
        for word, form in zip(words[1:], forms[1:], strict=True):
            if len(word) >= SHORTEST and form != forms[0]:
                spellings[form] = min(word, spellings.get(form, word))
    texts: dict[SplitName, dict[str, str]] = {name: {} for name in SPLITS}
    judgements: dict[SplitName, list[tuple[str, int, int]]] = {name: [] for name in SPLITS}
    for number, form in enumerate(sorted(spellings)):
        split, query = split_of(form), f"q{number}"
        texts[split][query] = spellings[form]
        judgements[split] += [(query, position, 1) for position in positions[form]]
    return {
        name: split_from_judgements(texts[name], judgements[name]) for name in SPLITS if texts[name]
    }
