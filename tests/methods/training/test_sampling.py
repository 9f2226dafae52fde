import numpy as np

from methods.base import Pairs
from methods.texts import Texts
from methods.training.sampling import Batches, ranges, relevance


def pairs_of(*relevant: list[int]) -> Pairs:
    starts = np.cumsum([0, *map(len, relevant)])
    return Pairs(
        Texts(f"q{i}" for i in range(len(relevant))), starts, np.concatenate(relevant).astype(int)
    )


def test_an_epoch_samples_each_query_once_with_one_of_its_documents():
    pairs = pairs_of([3], [1, 4], [2], [4, 0, 1], [3])
    relevant = [{3}, {1, 4}, {2}, {4, 0, 1}, {3}]
    batches = Batches(pairs, batch_size=2, seed=0)
    assert len(batches) == 3
    drawn = [(q, d) for b in batches.epoch(0) for q, d in zip(b.queries, b.documents, strict=True)]
    assert sorted(q for q, _ in drawn) == [0, 1, 2, 3, 4]
    assert all(d in relevant[q] for q, d in drawn)


def test_every_relevant_document_is_sampled_in_some_epoch():
    batches = Batches(pairs_of([3], [1, 4]), batch_size=2, seed=0)
    seen = {int(d) for n in range(20) for b in batches.epoch(n) for d in b.documents}
    assert seen == {1, 3, 4}


def test_an_epoch_depends_only_on_the_seed_and_its_number():
    pairs = pairs_of(*[[i] for i in range(50)])
    order = [b.queries.tolist() for b in Batches(pairs, 8, seed=1).epoch(3)]
    assert order == [b.queries.tolist() for b in Batches(pairs, 8, seed=1).epoch(3)]
    assert order != [b.queries.tolist() for b in Batches(pairs, 8, seed=1).epoch(4)]
    assert order != [b.queries.tolist() for b in Batches(pairs, 8, seed=2).epoch(3)]


def test_each_query_with_candidates_adds_the_same_number_of_negatives():
    pairs = pairs_of([4], [1, 2], [0])
    padded = np.array([[-1, 3, -1, -1], [-1, -1, -1, 2], [1, -1, -1, 2]])
    for epoch in range(20):
        (batch,) = Batches(pairs, batch_size=3, seed=0).epoch(epoch, padded, count=2)
        assert len(batch.documents) == 3 + 3 * 2


def test_hard_negatives_follow_the_sampled_documents_of_a_batch():
    pairs = pairs_of([4], [1, 2], [0])
    negatives = np.array([[3, 3], [-1, -1], [1, 2]])
    (batch,) = Batches(pairs, batch_size=3, seed=0).epoch(0, negatives, count=1)
    (plain,) = Batches(pairs, batch_size=3, seed=0).epoch(0)
    assert np.array_equal(batch.documents[:3], plain.documents)
    assert np.array_equal(batch.queries, plain.queries)
    hard = batch.documents[3:]
    assert len(hard) == 2  # query 1 has no candidates
    assert set(hard) <= {3, 1, 2} and 3 in hard
    assert batch.relevant.shape == (3, 5)
    for row, query in enumerate(batch.queries):
        relevant = pairs.documents[pairs.starts[query] : pairs.starts[query + 1]]
        assert batch.relevant[row].tolist() == np.isin(batch.documents, relevant).tolist()


def test_relevance_marks_every_relevant_document_of_the_batch():
    pairs = pairs_of([3], [1, 4], [2], [4, 0, 1])
    queries, documents = np.array([1, 3, 0]), np.array([4, 1, 3])
    assert relevance(pairs, queries, documents).tolist() == [
        [True, True, False],
        [True, True, False],
        [False, False, True],
    ]


def test_relevance_marks_both_copies_of_a_document_in_a_batch():
    pairs = pairs_of([7], [7, 8])
    assert relevance(pairs, np.array([0, 1]), np.array([7, 7])).all()


def test_ranges_count_up_from_each_start():
    assert ranges(np.array([5, 0, 9]), np.array([2, 0, 3])).tolist() == [5, 6, 9, 10, 11]
