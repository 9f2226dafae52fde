import hashlib

import numpy as np
import pytest

from harness.datasets.dataset import (
    Dataset,
    own_documents,
    split_from_judgements,
)
from methods.base import Corpus
from methods.errors import InputError
from methods.texts import Ids, Texts

QUERIES = {f"q{i}": f"text {i}" for i in range(100)}
CORPUS = Corpus(Ids(f"d{i}" for i in range(100)), Texts(f"document {i}" for i in range(100)))


def dataset(**splits: list[tuple[str, int, int]]) -> Dataset:
    made = {name: split_from_judgements(QUERIES, rows) for name, rows in splits.items()}
    return Dataset("made", "1", "made here", CORPUS, made)  # type: ignore[arg-type]


TRAIN = [(f"q{i}", i, 1) for i in range(60)]
TEST = [("q90", 3, 1), ("q91", 95, 1), ("q92", 96, 1), ("q92", 4, 0), ("q93", 97, 1), ("q93", 5, 2)]


def test_without_dev_a_fixed_tenth_of_train_tunes_and_is_not_trained_on():
    made = dataset(train=TRAIN, test=TEST)
    train, tuning = set(made.train().ids), set(made.tuning().ids)
    assert 0 < len(tuning) < 15
    assert not train & tuning and train | tuning == {f"q{i}" for i in range(60)}
    assert tuning == set(dataset(train=TRAIN, test=TEST).tuning().ids)


def test_with_a_dev_split_all_of_train_is_trained_on():
    made = dataset(train=TRAIN, dev=[("q80", 1, 1)], test=TEST)
    assert len(made.train()) == 60 and list(made.tuning().ids) == ["q80"]


def test_unseen_queries_have_no_document_that_is_relevant_in_train():
    # q92's document 4 is seen but judged irrelevant; q93's document 5 is seen
    assert dataset(train=TRAIN, test=TEST).unseen.tolist() == [False, True, True, False]


def test_queries_without_a_relevant_document_are_neither_seen_nor_unseen():
    made = dataset(train=TRAIN, test=[*TEST, ("q94", 4, 0)])
    assert made.seen.tolist() == [True, False, False, True, False]
    assert made.unseen.tolist() == [False, True, True, False, False]


def test_without_a_train_split_all_queries_with_a_relevant_document_are_unseen():
    made = dataset(test=[*TEST, ("q94", 4, 0)])
    assert not made.seen.any() and made.unseen.tolist() == [True] * 4 + [False]


def test_a_grade_below_the_relevance_level_is_not_relevant():
    test = split_from_judgements(QUERIES, [("q90", 3, 1), ("q91", 4, 2)], relevant_from=2)
    train = split_from_judgements(QUERIES, TRAIN)
    made = Dataset("made", "1", "made here", CORPUS, {"train": train, "test": test})
    assert test.relevant().tolist() == [4] and test.has_relevant.tolist() == [False, True]
    assert made.seen.tolist() == [False, True] and made.unseen.tolist() == [False, False]
    assert test.subset(np.array([True, True])).relevant_from == 2
    everything = split_from_judgements(QUERIES, [("q90", 3, 1), ("q91", 4, 2)])
    assert everything.digest() != test.digest()


def test_queries_that_are_documents_change_the_fingerprint():
    queries = {"d1": "document 1", "d2": "document 2", "q": "text"}
    rows = [("d1", 7, 1), ("d2", 2, 1), ("q", 3, 1)]
    test = split_from_judgements(queries, rows)
    assert own_documents(test, CORPUS).tolist() == [1, -1, -1]  # d2 is judged relevant to itself
    made = Dataset("made", "1", "made here", CORPUS, {"test": test})
    parts = [CORPUS.ids.digest(), CORPUS.texts.digest(), f"test:{test.digest()}"]
    for earlier in ("", "without own documents"):  # of ehibench 0.1 and 0.3
        assert made.fingerprint != hashlib.sha256("".join([*parts, earlier]).encode()).hexdigest()


def test_a_document_outside_the_corpus_is_judged_but_never_relevant():
    rows = [("q1", -1, 1), ("q2", -2, 2), ("q2", 7, 1)]
    split = split_from_judgements(QUERIES, rows)
    assert split.has_relevant.tolist() == [False, True] and split.relevant().tolist() == [7]
    assert split.pairs().documents.tolist() == [7] and list(split.pairs().queries) == ["text 2"]
    assert dataset(train=rows, test=rows).seen.tolist() == [False, True]


def test_pairs_contain_relevant_documents_only():
    split = split_from_judgements(QUERIES, [("q2", 4, 0), ("q1", 7, 2), ("q1", 8, 0), ("q1", 9, 1)])
    pairs = split.pairs()
    assert list(pairs.queries) == ["text 1"]
    assert pairs.documents.tolist() == [7, 9] and pairs.starts.tolist() == [0, 2]


def test_a_missing_split_is_named():
    with pytest.raises(InputError, match="no train split"):
        dataset(test=TEST).train()
    with pytest.raises(InputError, match="neither a dev nor a train split"):
        dataset(test=TEST).tuning()
    with pytest.raises(InputError, match="no test split"):
        dataset(train=TRAIN).test()


def test_the_fingerprint_changes_with_a_judgement():
    changed = [*TEST[:-1], ("q93", 5, 1)]
    same = dataset(train=TRAIN, test=TEST).fingerprint
    assert dataset(train=TRAIN, test=TEST).fingerprint == same
    assert dataset(train=TRAIN, test=changed).fingerprint != same


def test_a_subset_keeps_its_queries_with_their_judgements():
    split = split_from_judgements(QUERIES, TEST).subset(np.array([False, False, True, True]))
    assert list(split.ids) == ["q92", "q93"]
    assert split.documents.tolist() == [96, 4, 97, 5] and split.grades.tolist() == [1, 0, 1, 2]
