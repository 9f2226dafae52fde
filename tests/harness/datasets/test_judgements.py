"""Judgements of missing documents and queries, and of pairs that are judged twice."""

import pytest

from harness.datasets.judgements import Judgements
from methods.base import Corpus
from methods.errors import InputError
from methods.texts import Ids, Texts

QUERIES = {"q1": "first", "q2": "second", "q3": "third"}
CORPUS = Corpus(Ids(["d1", "d2"]), Texts(["one", "two"]))


def judged(*rows: tuple[str, str, int]) -> Judgements:
    judgements = Judgements(QUERIES, CORPUS)
    for row in rows:
        judgements.add(*row)
    return judgements


def test_ordinary_judgements_have_no_notes():
    judgements = judged(("q2", "d1", 1), ("q1", "d2", 0), ("q1", "d1", 2), ("q1", "d1", 2))
    split = judgements.split("here")
    assert list(split.ids) == ["q1", "q2"] and split.documents.tolist() == [1, 0, 0]
    assert split.grades.tolist() == [0, 2, 1] and judgements.notes() == []


def test_a_missing_document_stays_judged_under_a_negative_number():
    judgements = judged(("q1", "d1", 1), ("q1", "x", 1), ("q2", "y", 2), ("q2", "x", 1))
    split = judgements.split("here")
    assert split.documents.tolist() == [0, -1, -2, -1]
    assert judgements.notes() == [
        "3 of 4 judgements name documents that the corpus lacks, such as 'x'; they count as never "
        "found"
    ]


def test_a_query_without_a_text_is_left_out():
    judgements = judged(("q1", "d1", 1), ("q8", "d1", 1), ("q9", "nowhere", 1))
    assert list(judgements.split("here").ids) == ["q1"]
    assert judgements.notes() == [
        "2 of 3 judgements name queries without a text, such as 'q8'; they are left out"
    ]


def test_the_last_of_contradictory_grades_counts():
    judgements = judged(("q1", "d1", 1), ("q1", "d2", 1), ("q1", "d1", 0), ("q2", "x", 1))
    judgements.add("q2", "x", 2)
    assert judgements.split("here").grades.tolist() == [0, 1, 2]
    assert judgements.notes()[-1] == (
        "2 of 3 judged pairs have several grades, such as 'q1' and 'd1'; the last one counts"
    )


def test_without_a_relevant_document_in_the_corpus_the_error_says_what_is_missing():
    with pytest.raises(
        InputError, match=r"^here is empty: no query has a relevant document; 1 of 2 "
    ):
        judged(("q1", "x", 1), ("q1", "d1", 0)).split("here")
    with pytest.raises(InputError, match=r"no query has a relevant document$"):
        judged(("q1", "d1", 1)).split("here", relevant_from=2)
