import math

import pytest
import torch

from methods.ehi.losses import (
    balance,
    indexing_softmax,
    intra_leaf,
    path_similarities,
    smoothing,
)
from methods.training.contrastive import margin_loss

DIAGONAL = torch.eye(2, dtype=torch.bool)


def log(rows: list[list[float]]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float64).log()


def random_paths(rows: int, leaves: int) -> torch.Tensor:
    return torch.randn(rows, leaves, dtype=torch.float64).requires_grad_()


def test_indexing_softmax_by_hand():
    queries, documents = log([[0.8, 0.2], [0.4, 0.6]]), log([[0.9, 0.1], [0.5, 0.5]])
    # T(q).T(d): [.8*.9+.2*.1, .8*.5+.2*.5] = [.74, .5]; [.4*.9+.6*.1, .5] = [.42, .5]
    expected = -(math.log(0.74 / 1.24) + math.log(0.5 / 0.92)) / 2
    assert float(indexing_softmax(queries, documents, DIAGONAL)) == pytest.approx(expected)


def test_indexing_softmax_does_not_count_relevant_documents_as_negatives():
    queries, documents = log([[0.8, 0.2], [0.4, 0.6]]), log([[0.9, 0.1], [0.5, 0.5]])
    both = torch.tensor([[True, True], [False, True]])
    expected = -(math.log(1.0) + math.log(0.5 / 0.92)) / 2
    assert float(indexing_softmax(queries, documents, both)) == pytest.approx(expected)


def test_intra_leaf_counts_only_documents_that_are_not_similar():
    documents = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    paths = log([[0.5, 0.5], [0.9, 0.1], [0.2, 0.8]])
    # documents 0 and 1 are alike; pairs (0, 2): .5 and (1, 2): .9*.2 + .1*.8 = .26, both ways
    assert float(intra_leaf(documents, paths, 0.9)) == pytest.approx((0.5 + 0.26) / 2)


def test_balance_is_zero_for_even_use_and_log_of_leaves_for_one_leaf():
    assert float(balance(log([[0.7, 0.3], [0.3, 0.7]]), height=1)) == pytest.approx(0)
    one_leaf = log([[1.0, 1e-15, 1e-15, 1e-15]] * 3)
    assert float(balance(one_leaf, height=1)) == pytest.approx(math.log(4))
    # usage .75, .25: KL to uniform = log 2 - H
    uneven = 0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5)
    assert float(balance(log([[0.9, 0.1], [0.6, 0.4]]), height=1)) == pytest.approx(uneven)


def test_smoothing_by_hand():
    expected = -(math.log(0.5) * 2 + math.log(0.9) + math.log(0.1)) / 4
    assert float(smoothing(log([[0.5, 0.5], [0.9, 0.1]]))) == pytest.approx(expected)


def test_gradients_match_finite_differences():
    relevant = torch.eye(4, dtype=torch.bool)
    relevant[1, 3] = True
    queries, documents = random_paths(4, 6), random_paths(4, 6)
    vectors = torch.nn.functional.normalize(torch.randn(4, 3, dtype=torch.float64), dim=1)
    check = torch.autograd.gradcheck

    def normal(logits: torch.Tensor) -> torch.Tensor:
        return torch.log_softmax(logits, dim=1)

    assert check(lambda s: margin_loss(s, relevant, 0.3), random_paths(4, 4))
    assert check(
        lambda q, d: indexing_softmax(normal(q), normal(d), relevant), (queries, documents)
    )
    assert check(lambda d: intra_leaf(vectors, normal(d), 0.9), documents)
    assert check(lambda d: balance(normal(d), 2), documents)
    assert check(lambda q: smoothing(normal(q)), queries)
    assert check(lambda q, d: path_similarities(normal(q), normal(d)), (queries, documents))
