import numpy as np

from methods.base import Pairs
from methods.negatives import exact_search, without_relevant
from methods.sampling import Batches
from methods.texts import Texts

PAIRS = Pairs(Texts("abc"), np.array([0, 1, 3, 4]), np.array([4, 1, 2, 0]))


def test_exact_search_finds_the_best_documents(vectors: np.ndarray):
    found = exact_search(vectors[:3], vectors, 5)
    assert np.array_equal(found, np.argsort(-(vectors[:3] @ vectors.T), axis=1)[:, :5])


def test_relevant_documents_are_never_among_the_negatives():
    found = np.array([[4, 1, 2], [2, 4, 1], [3, -1, -1]])
    assert without_relevant(found, PAIRS, 5).tolist() == [[-1, 1, 2], [-1, 4, -1], [3, -1, -1]]


def test_every_query_with_a_negative_brings_as_many():
    padded = np.array([[-1, 3, -1, -1], [-1, -1, -1, 2], [1, -1, -1, 2]])
    for epoch in range(20):
        (batch,) = Batches(PAIRS, batch_size=3, seed=0).epoch(epoch, padded, count=2)
        assert len(batch.documents) == 3 + 3 * 2


def test_a_batch_brings_its_queries_negatives_behind_its_documents():
    negatives = np.array([[3, 3], [-1, -1], [1, 2]])
    (batch,) = Batches(PAIRS, batch_size=3, seed=0).epoch(0, negatives, count=1)
    (plain,) = Batches(PAIRS, batch_size=3, seed=0).epoch(0)
    assert np.array_equal(batch.documents[:3], plain.documents)
    assert np.array_equal(batch.queries, plain.queries)
    drawn = batch.documents[3:]
    assert len(drawn) == 2  # query 1 has none
    assert set(drawn) <= {3, 1, 2} and 3 in drawn
    assert batch.relevant.shape == (3, 5)
    for row, query in enumerate(batch.queries):
        relevant = PAIRS.documents[PAIRS.starts[query] : PAIRS.starts[query + 1]]
        assert batch.relevant[row].tolist() == np.isin(batch.documents, relevant).tolist()
