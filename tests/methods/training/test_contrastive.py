import math

import pytest
import torch

from methods.training.contrastive import in_batch_softmax, margin_loss

PAIRS = torch.eye(2, dtype=torch.bool)
"""Which of two documents is relevant to which of two queries."""


def test_in_batch_softmax_by_hand():
    logits = torch.tensor([[2.0, 1.0], [0.0, 3.0]])
    only_pairs = torch.eye(2, dtype=torch.bool)
    first = -math.log(math.exp(2) / (math.exp(2) + math.exp(1)))
    second = -math.log(math.exp(3) / (math.exp(0) + math.exp(3)))
    assert float(in_batch_softmax(logits, only_pairs)) == pytest.approx((first + second) / 2)


def test_another_relevant_document_is_not_a_negative():
    logits = torch.tensor([[2.0, 9.0, 1.0], [0.0, 3.0, 1.0], [0.0, 1.0, 2.0]], requires_grad=True)
    relevant = torch.eye(3, dtype=torch.bool)
    relevant[0, 1] = True
    in_batch_softmax(logits, relevant).backward()
    assert logits.grad is not None
    assert logits.grad[0, 1] == 0
    assert logits.grad[0, 2] > 0


def test_gradient_matches_finite_differences():
    logits = torch.randn(5, 5, dtype=torch.float64, requires_grad=True)
    relevant = torch.eye(5, dtype=torch.bool)
    relevant[2, 4] = True
    assert torch.autograd.gradcheck(lambda x: in_batch_softmax(x, relevant), logits)


def test_margin_loss_by_hand():
    similarities = torch.tensor([[0.9, 0.7], [0.2, 0.4]])
    # query 0: max(0, .7 - .9 + .3) = .1; query 1: max(0, .2 - .4 + .3) = .1
    assert float(margin_loss(similarities, PAIRS, 0.3)) == pytest.approx(0.1)
    # with margin .25 both give .05; the positive itself counts for nothing
    assert float(margin_loss(similarities, PAIRS, 0.25)) == pytest.approx(0.05)


def test_margin_loss_does_not_count_relevant_documents_as_negatives():
    similarities = torch.tensor([[0.1, 0.9], [0.0, 0.8]], requires_grad=True)
    loss = margin_loss(similarities, torch.tensor([[True, True], [False, True]]), 0.3)
    loss.backward()
    assert float(loss.detach()) == 0
    assert similarities.grad is not None
    assert float(similarities.grad[0, 1]) == 0
