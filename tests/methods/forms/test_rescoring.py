"""Documents that were found are sorted by whole vectors, and the best are kept."""

import numpy as np

from methods.forms.rescoring import rescored

DOCUMENTS = np.array([[1, 0], [0, 1], [1, 1], [2, 0]], dtype=np.float32)
QUERY = np.array([[1, 0.1]], dtype=np.float32)


def test_the_best_by_whole_vectors_are_returned_with_their_scores():
    found = np.array([[1, 2, 0, 3]])
    hits = rescored(found, QUERY, DOCUMENTS, 4)
    assert hits.ids.tolist() == [[3, 2, 0, 1]]
    assert np.allclose(hits.scores, [[2.0, 1.1, 1.0, 0.1]])
    assert rescored(found, QUERY, DOCUMENTS, 2).ids.tolist() == [[3, 2]]


def test_documents_that_were_not_found_are_not_returned():
    hits = rescored(np.array([[1, 0]]), QUERY, DOCUMENTS, 2)
    assert hits.ids.tolist() == [[0, 1]]


def test_padding_stays_last_even_after_negative_scores():
    hits = rescored(np.array([[-1, 1, -1, 0]]), -QUERY, DOCUMENTS, 4)
    assert hits.ids.tolist() == [[1, 0, -1, -1]]
    assert np.allclose(hits.scores[0, :2], [-0.1, -1])


def test_each_query_has_its_own_documents():
    queries = np.array([[1, 0], [0, 1]], dtype=np.float32)
    hits = rescored(np.array([[0, 3], [0, 2]]), queries, DOCUMENTS, 1)
    assert hits.ids.tolist() == [[3], [2]] and hits.scores.tolist() == [[2], [1]]
