"""The share of exact search's quality, for two queries of which exact search answers both."""

import numpy as np
import pytest

from harness.datasets.dataset import split_from_judgements
from harness.measure.share_of_exact import share_of_exact
from methods.base import Corpus, Hits
from methods.texts import Ids, Texts

CORPUS = Corpus(Ids(f"d{i}" for i in range(6)), Texts(f"text {i}" for i in range(6)))
SPLIT = split_from_judgements({"qa": "a", "qb": "b"}, [("qa", 0, 1), ("qb", 3, 1)])
EXACT = np.array([[0, 1], [2, 3]])
"""It finds the relevant document first for one query, and second for the other."""
HITS = Hits(np.array([[0, 4], [5, -1]]), np.array([[0.9, 0.8], [0.7, 0]], dtype=np.float32))


def test_an_overlap_counts_the_documents_of_exact_search_that_are_found():
    assert share_of_exact("overlap", HITS, EXACT, SPLIT, CORPUS) == 1 / 4


def test_a_share_of_ndcg_is_the_ratio_of_the_means():
    share = share_of_exact("ndcg", HITS, EXACT, SPLIT, CORPUS)
    assert share == pytest.approx(1 / (1 + 1 / np.log2(3)))


def test_there_is_no_share_of_an_ndcg_of_0():
    irrelevant = np.array([[4, 5], [4, 5]])
    assert share_of_exact("ndcg", HITS, irrelevant, SPLIT, CORPUS) is None
