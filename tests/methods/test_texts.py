"""Packed strings read back as they were, and ids are found by name."""

import pickle
from pathlib import Path

import pytest

from methods.texts import Ids, Texts


def test_texts_behave_like_a_list_of_strings():
    strings = ["", "abc", "fièvre élevée", "日本語", "x" * 1000]
    texts = Texts(strings)
    assert list(texts) == strings
    assert [texts[i] for i in range(-5, 5)] == strings + strings
    assert texts[1:3] == strings[1:3]
    assert texts.sizes().tolist() == [len(s.encode()) for s in strings]
    assert texts.sizes(slice(1, 3)).tolist() == [len(s.encode()) for s in strings[1:3]]


def test_a_lone_surrogate_becomes_a_question_mark():
    assert list(Texts(["a\ud800b"])) == ["a?b"]


def test_the_digest_depends_on_where_strings_end():
    assert Texts(["ab", "c"]).digest() != Texts(["a", "bc"]).digest()
    assert Texts(["ab", "c"]).digest() == Texts(iter(["ab", "c"])).digest()


def test_ids_are_found_by_name():
    ids = Ids(f"d{i}" for i in range(1000))
    assert [ids.find(f"d{i}") for i in range(1000)] == list(range(1000))
    assert ids.find("d1000") == -1
    ids.append("d1000")
    assert ids.find("d1000") == 1000


def test_first_duplicate_returns_both_positions_of_the_earliest_repeat():
    assert Ids(["a", "b", "c"]).first_duplicate() is None
    assert Ids(["a", "b", "c", "b", "a"]).first_duplicate() == (1, 3)


@pytest.mark.parametrize("strings", [[], [""], ["", "abc", "fièvre élevée", ""]])
def test_mapped_texts_are_those_that_were_saved(strings: list[str], tmp_path: Path):
    Texts(strings).save(tmp_path / "texts")
    texts = Texts.mapped(tmp_path / "texts")
    assert list(texts) == strings == [texts[i] for i in range(len(strings))]
    assert texts.digest() == Texts(strings).digest()
    assert texts.sizes().tolist() == [len(s.encode()) for s in strings]
    assert texts.sizes(slice(1, 3)).tolist() == [len(s.encode()) for s in strings[1:3]]


def test_pickled_texts_are_their_strings_or_the_folder_they_are_mapped_from(tmp_path: Path):
    ids = Ids(f"document {i}" for i in range(1000))
    assert list(pickle.loads(pickle.dumps(ids))) == list(ids)
    ids.save(tmp_path / "ids")
    sent = pickle.dumps(Ids.mapped(tmp_path / "ids"))
    assert len(sent) < 1000 and pickle.loads(sent).find("document 999") == 999
