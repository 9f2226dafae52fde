import ir_measures
import numpy as np
import pytest
from ir_measures import nDCG

from methods.base import Pairs
from methods.ndcg import ndcg
from methods.texts import Texts


def test_it_is_that_of_ir_measures():
    random = np.random.default_rng(0)
    queries, documents = 50, 40
    counts = random.integers(1, 15, size=queries)
    relevant = [random.choice(documents, size=count, replace=False) for count in counts]
    pairs = Pairs(
        Texts(map(str, range(queries))),
        np.concatenate([[0], np.cumsum(counts)]),
        np.concatenate(relevant),
    )
    found = np.array([random.choice(documents, size=10, replace=False) for _ in range(queries)])
    found[::3, 4:] = -1
    qrels = [
        ir_measures.Qrel(str(q), str(d), 1) for q, of_query in enumerate(relevant) for d in of_query
    ]
    run = [
        ir_measures.ScoredDoc(str(q), str(d), -rank)
        for q, row in enumerate(found.tolist())
        for rank, d in enumerate(row)
        if d >= 0
    ]
    expected = ir_measures.calc_aggregate([nDCG @ 10], qrels, run)[nDCG @ 10]
    assert ndcg(found, pairs, documents) == pytest.approx(expected, abs=1e-12)
    assert 0.1 < expected < 0.9


def test_the_ideal_ranking_has_one_and_none_found_has_nothing():
    pairs = Pairs(Texts("ab"), np.array([0, 1, 3]), np.array([4, 1, 2]))
    assert ndcg(np.array([[4, 0], [2, 1]]), pairs, 5) == 1
    assert ndcg(np.array([[-1, -1], [-1, -1]]), pairs, 5) == 0
