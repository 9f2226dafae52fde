"""The documents that arrive later, and the dataset before they do."""

import numpy as np
import pytest

from harness.datasets.arrivals import arrivals, parts_by_arrival
from harness.datasets.dataset import Dataset, split_from_judgements
from methods.base import Corpus
from methods.errors import InputError
from methods.texts import Ids, Texts

QUERIES = {f"q{i}": f"text {i}" for i in range(60)}
CORPUS = Corpus(Ids(f"d{i}" for i in range(50)), Texts(f"document {i}" for i in range(50)))
TRAIN = [(f"q{i}", i, 1) for i in range(40)]


def dataset(test: list[tuple[str, int, int]], train: list[tuple[str, int, int]]) -> Dataset:
    splits = {"test": split_from_judgements(QUERIES, test)}
    if train:
        splits["train"] = split_from_judgements(QUERIES, train)
    return Dataset("made", "1", "made here", CORPUS, splits)  # type: ignore[arg-type]


@pytest.fixture
def made() -> Dataset:
    return dataset([(f"q{i}", i, 1) for i in range(40, 50)], TRAIN)


def test_about_the_share_arrives_later_and_a_larger_share_contains_a_smaller_one(made: Dataset):
    few, many = (arrivals(made, share).later for share in (0.2, 0.6))
    assert 4 <= few.sum() <= 16 and 20 <= many.sum() <= 40
    assert not (few & ~many).any()
    assert np.array_equal(few, arrivals(made, 0.2).later)


def test_the_order_has_the_first_documents_first(made: Dataset):
    split = arrivals(made, 0.2)
    order = [made.corpus.ids[i] for i in split.order]
    assert order[: len(split.first.corpus)] == list(split.first.corpus.ids)
    assert sorted(split.order) == list(range(50))


def test_the_first_documents_keep_all_queries_and_their_own_judgements(made: Dataset):
    split = arrivals(made, 0.2)
    corpus, train = split.first.corpus, split.first.train()
    assert list(train.ids) == list(made.train().ids)
    judged = {
        (train.ids[r], corpus.ids[d]) for r, d in zip(train.rows, train.documents, strict=True)
    }
    later = {made.corpus.ids[i] for i in np.flatnonzero(split.later)}
    everything = {(name, name.replace("q", "d")) for name in made.train().ids}
    assert judged == {(query, document) for query, document in everything if document not in later}
    assert 0 < len(judged) < len(everything)
    assert corpus.texts[3] == made.corpus.texts[made.corpus.ids.find(corpus.ids[3])]


def test_the_same_queries_tune(made: Dataset):
    first = arrivals(made, 0.2).first
    assert list(first.tuning().ids) == list(made.tuning().ids)
    assert list(first.test().ids) == list(made.test().ids)
    assert first.fingerprint != made.fingerprint and first.whole is made


def test_queries_are_parted_by_when_their_relevant_documents_arrive():
    later = np.array([False, True, True])
    queries = [("q0", 0, 1), ("q1", 1, 1), ("q2", 0, 1), ("q2", 2, 1), ("q3", 0, 1), ("q3", 1, 0)]
    split = split_from_judgements(QUERIES, [*queries, ("q4", 1, 0)])
    parts = parts_by_arrival(split, later)
    assert parts["first"].tolist() == [True, False, False, True, False]
    assert parts["later"].tolist() == [False, True, True, False, False]


def test_a_dataset_without_training_queries_has_first_documents(made: Dataset):
    first = arrivals(dataset([("q1", 1, 1)], []), 0.2).first
    assert not first.has_train() and not first.can_tune()


@pytest.mark.parametrize(
    ("share", "message"),
    [
        (0.999999, "all of the 50 documents would arrive later; give a smaller share"),
        (1e-6, "none of the 50 documents would arrive later; give a larger share"),
    ],
)
def test_a_share_that_leaves_nothing_is_rejected(made: Dataset, share: float, message: str):
    with pytest.raises(InputError, match=message):
        arrivals(made, share)


def test_training_needs_a_document_that_is_there_first(made: Dataset):
    later = np.flatnonzero(arrivals(made, 0.2).later)
    rows = [(f"q{i}", int(document), 1) for i, document in enumerate(later)]
    with pytest.raises(InputError, match="no training query has a document that is there first"):
        arrivals(dataset([("q50", 0, 1)], rows), 0.2)


def test_a_judged_document_outside_the_corpus_stays_one_and_never_arrives():
    rows = [(f"q{i}", i, 1) for i in range(40)] + [(f"q{i}", -1 - i, 1) for i in range(55)]
    made = dataset(rows, TRAIN)
    split = arrivals(made, 0.2)
    missing = split.first.test().documents
    assert (missing < 0).sum() == 55
    parts = parts_by_arrival(made.test(), split.later)
    assert (parts["first"] ^ parts["later"])[:40].all()
    assert not (parts["first"] | parts["later"])[40:].any()
