"""Packed strings read back as they were, and ids are found by name."""

from methods.texts import Ids, Texts


def test_texts_behave_like_a_list_of_strings():
    strings = ["", "abc", "fièvre élevée", "日本語", "x" * 1000]
    texts = Texts(strings)
    assert list(texts) == strings
    assert [texts[i] for i in range(-5, 5)] == strings + strings
    assert texts[1:3] == strings[1:3]
    assert texts.sizes().tolist() == [len(s.encode()) for s in strings]


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
