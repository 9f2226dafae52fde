"""WordNet is read from its own files: a small folder of a made-up release, and the real ones."""

import hashlib
import json
from pathlib import Path

import pytest

from harness.datasets import load_dataset, wordnet
from harness.datasets.dataset import Dataset, Split
from harness.datasets.wordnet_files import find_installed
from methods.errors import InputError

LICENCE = """\
  1 This software and database is being provided to you, the LICENSEE, by
  2 WordNet 2.9 Copyright 2005 by Princeton University.  All rights reserved.
"""
FILES = {
    "data.noun": """\
00000101 05 n 03 dog 0 domestic_dog 0 Canis_familiaris 0 002 @ 00000202 n 0000 ~ 00000303 n 0000 | \
a member of the genus Canis; kept by man; "the dog barked all night"; "a dog; his"
00000202 05 n 04 hound 0 HOUND-DOG 0 hound_dog 1 K9 0 000 | any of several breeds;
00000303 17 n 02 O 0 oxygen 0 001 @ 00000202 n 0000 | \
a gas (symbol O); "O | H"
""",
    "data.verb": """\
00000101 30 v 02 chase 0 dog 2 001 @ 00000101 v 0000 01 + 08 00 | \
go after with the intent to catch
""",
    "data.adj": """\
00000101 00 a 02 able(p) 0 capable(ip) 0 000 | having the skill;"able to swim"
00000202 00 s 02 runaway(a) 0 fugitive(a) 1 000 | fleeing from "the law"
""",
    "data.adv": """\
00000101 02 r 0a fast 0 quick 0 quickly 0 a 0 b 0 c 0 d 0 e 0 f 0 Fast 1 000 | with speed
""",
}


def written(lines: str) -> str:
    """Return a file as WordNet has it: the licence, then lines that end in two spaces."""
    return (LICENCE + lines).replace("\n", "  \n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as Debian installs it, with four files of a release that has no checksum."""
    for name, lines in FILES.items():
        (tmp_path / name).write_text(written(lines))
    return tmp_path


def queries(dataset: Dataset) -> dict[str, list[str]]:
    """Return the ids of the relevant documents, by the text of the query."""

    def relevant(split: Split, query: int) -> list[str]:
        positions = split.documents[split.starts[query] : split.starts[query + 1]]
        return [dataset.corpus.ids[int(position)] for position in positions]

    return {
        text: relevant(split, query)
        for split in dataset.splits.values()
        for query, text in enumerate(split.texts)
    }


def test_a_document_is_the_first_word_and_the_definition_of_a_synset(folder: Path):
    corpus = load_dataset(f"wordnet:{folder}").corpus
    assert dict(zip(corpus.ids, corpus.texts, strict=True)) == {
        "n00000101": "dog a member of the genus Canis; kept by man",
        "n00000202": "hound any of several breeds",
        "n00000303": "O a gas (symbol O)",
        "v00000101": "chase go after with the intent to catch",
        "a00000101": "able having the skill",
        "a00000202": 'runaway fleeing from "the law"',
        "r00000101": "fast with speed",
    }


def test_a_query_is_a_further_word_and_asks_for_every_synset_that_has_it(folder: Path):
    assert queries(load_dataset(f"wordnet:{folder}")) == {
        "Canis familiaris": ["n00000101"],
        "capable": ["a00000101"],
        "dog": ["n00000101", "v00000101"],  # the first word of one, a further word of the other
        "domestic dog": ["n00000101"],
        "fugitive": ["a00000202"],
        # Two spellings are one query, with the one that sorts first. K9 and the letters are too
        # short, and Fast is the first word again.
        "HOUND-DOG": ["n00000202"],
        "oxygen": ["n00000303"],
        "quick": ["r00000101"],
        "quickly": ["r00000101"],
    }


def test_queries_are_numbered_in_the_order_of_their_normal_forms(folder: Path):
    dataset = load_dataset(f"wordnet:{folder}")
    names = {
        int(name[1:]): text
        for split in dataset.splits.values()
        for name, text in zip(split.ids, split.texts, strict=True)
    }
    assert [names[number] for number in range(4)] == [
        "Canis familiaris", "capable", "dog", "domestic dog",
    ]  # fmt: skip
    # The first 8 hexadecimal digits of the sha256 of "quick" are 22c72aa8, and its remainder is 8.
    assert "quick" in list(dataset.splits["dev"].texts)


def test_another_release_has_a_name_of_its_own(folder: Path):
    dataset = load_dataset(f"wordnet:{folder}")
    assert (dataset.name, dataset.version) == ("wordnet-2.9", "2.9")
    assert dataset.source == (
        "WordNet 2.9, Copyright 2005 Princeton University; "
        "Fellbaum, WordNet: An Electronic Lexical Database, MIT Press 1998"
    )


def test_release_3_0_must_have_its_checksum(folder: Path):
    for name in FILES:
        path = folder / name
        path.write_text(path.read_text().replace("WordNet 2.9", "WordNet 3.0"))
    with pytest.raises(InputError, match=r"is not release 3\.0 as published .*; run: apt-get"):
        load_dataset(f"wordnet:{folder}")


def test_a_file_with_the_line_ends_of_windows_is_the_same_data(folder: Path):
    expected = load_dataset(f"wordnet:{folder}").fingerprint
    for name in FILES:
        (folder / name).write_bytes((folder / name).read_bytes().replace(b"\n", b"\r\n"))
    assert load_dataset(f"wordnet:{folder}").fingerprint == expected


NOUN = written(FILES["data.noun"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (NOUN[:-20], r"data\.noun:5: the file ends within a line"),
        (
            NOUN.replace("| any", "any"),
            r"data\.noun:4: expected a synset of type n, got '00000202 05 n",
        ),
        (NOUN.replace(" n 04", " v 04"), r"data\.noun:4: expected a synset of type n"),
        (NOUN.replace(" n 03 ", " n 99 "), r"data\.noun:3: expected a synset of type n"),
        (NOUN.replace(" n 03 ", " n 04 "), r"data\.noun:3: expected a synset of type n"),
        (NOUN + "00000404 05 n 00 000 | no word\n", r"data\.noun:6: expected a synset of type n"),
        (NOUN + "\n", r"data\.noun:6: expected a synset of type n, got ''"),
        (NOUN + LICENCE, r"data\.noun:6: expected a synset of type n, got '  1 This"),
        (NOUN + FILES["data.noun"], "duplicate synset n00000101"),
        (LICENCE, r"data\.noun has no synset"),
        (FILES["data.noun"], r"data\.noun does not name its release"),
        ("", r"data\.noun does not name its release"),
        (NOUN.replace("night", "nuît").encode("latin-1"), r"data\.noun cannot be read after line"),
        (NOUN.encode("utf-16"), r"data\.noun cannot be read after line 0"),
    ],
)
def test_a_damaged_file_is_an_error_of_one_line(folder: Path, content: str | bytes, message: str):
    (folder / "data.noun").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=message) as error:
        load_dataset(f"wordnet:{folder}")
    assert "\n" not in str(error.value)


def test_an_adjective_may_be_of_two_types(folder: Path):
    path = folder / "data.adj"
    path.write_text(path.read_text().replace(" s ", " n "))
    with pytest.raises(InputError, match=r"data\.adj:4: expected a synset of type a or s, got"):
        load_dataset(f"wordnet:{folder}")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder: Path, name: str):
    (folder / name).unlink()
    with pytest.raises(InputError, match=rf"has no {name}; WordNet is read from its four data"):
        load_dataset(f"wordnet:{folder}")


def test_synsets_of_one_word_are_no_dataset(folder: Path):
    for part, kind in wordnet.PARTS.items():
        line = f"00000101 00 {kind[0]} 01 alone 0 000 | without others\n"
        (folder / f"data.{part}").write_text(written(line))
    with pytest.raises(InputError, match="no synset has a second word to search with"):
        load_dataset(f"wordnet:{folder}")


@pytest.mark.skipif(
    find_installed() is None, reason="WordNet is not installed: apt-get install wordnet-base"
)
def test_the_installed_release_3_0_has_the_published_counts_and_checksums():
    dataset = load_dataset("wordnet")
    assert (dataset.name, dataset.version) == ("wordnet", "3.0")
    assert len(dataset.corpus) == 117_659
    assert {name: len(split) for name, split in dataset.splits.items()} == {
        "train": 58_428,
        "dev": 7_360,
        "test": 7_266,
    }
    judgements = {name: len(split.documents) for name, split in dataset.splits.items()}
    assert judgements == {"train": 95_135, "dev": 11_873, "test": 11_825}
    folder = wordnet.open_folder(find_installed())
    documents = hashlib.sha256()
    for part in wordnet.PARTS:
        for synset in wordnet.read_synsets(folder, part):
            row = {"_id": synset.id, "title": synset.words[0], "text": synset.definition}
            documents.update(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    assert documents.hexdigest()[:12] == "04f27784e795"  # of corpus.jsonl in BEIR layout
    texts = {
        int(name[1:]): text
        for split in dataset.splits.values()
        for name, text in zip(split.ids, split.texts, strict=True)
    }
    rows = [json.dumps({"_id": f"q{n}", "text": texts[n]}) + "\n" for n in range(len(texts))]
    assert hashlib.sha256("".join(rows).encode()).hexdigest()[:12] == "3fafc292e399"
