"""The first results are sorted by full inner products; the others stay after them."""

import numpy as np

from methods.base import Hits
from methods.indexes.rescoring import rescored


def test_the_first_results_are_sorted_by_full_vectors_and_the_others_stay_after_them():
    documents = np.array([[1, 0], [0, 1], [1, 1], [2, 0]], dtype=np.float32)
    queries = np.array([[1, 0.1]], dtype=np.float32)
    found = Hits(np.array([[1, 2, 0, 3]]), np.array([[9.0, 8.0, 7.0, 6.5]], dtype=np.float32))
    hits = rescored(found, queries, documents, depth=2)
    assert hits.ids.tolist() == [[2, 1, 0, 3]]
    # 1.1 and .1 by whole vectors; 7 and 6.5 are lowered by 6.9
    assert np.allclose(hits.scores, [[1.1, 0.1, 0.1, -0.4]])
    whole = rescored(found, queries, documents, depth=4)
    assert whole.ids.tolist() == [[3, 2, 0, 1]]
    assert np.allclose(whole.scores, [[2.0, 1.1, 1.0, 0.1]])


def test_lower_scores_are_unchanged_and_padding_stays_last():
    documents = np.eye(3, dtype=np.float32)
    found = Hits(np.array([[1, 0, -1]]), np.array([[0.9, -3.0, -3.4e38]], dtype=np.float32))
    hits = rescored(found, documents[1:2], documents, depth=1)
    assert hits.ids.tolist() == [[1, 0, -1]]
    assert np.allclose(hits.scores[0, :2], [1.0, -3.0])
    assert rescored(found, documents[:1], documents, depth=3).ids.tolist() == [[0, 1, -1]]
