from typing import Any

import pytest
import torch

from methods.ehi.indexer import TreeIndexer
from methods.ehi.objective import Objective
from methods.ehi.settings import EhiSettings
from methods.settings import TrainingSettings
from methods.training.contrastive import in_batch_softmax, margin_loss
from methods.training.data import EmbeddedBatch

QUERIES = torch.tensor([[1.0, 0.0], [0.6, 0.8]])
DOCUMENTS = torch.tensor([[0.8, 0.6], [0.0, 1.0]])
PAIRS = torch.eye(2, dtype=torch.bool)


def objective(**settings: Any) -> Objective:
    return Objective(TrainingSettings(temperature=0.5), EhiSettings(branching=3, **settings))


def gradient_of_tree_losses(scale: float) -> torch.Tensor:
    """Return the gradient that the losses of a tree send to two documents."""
    torch.manual_seed(0)
    settings = EhiSettings(branching=3, rank=0, encoder_gradient=scale)
    documents = DOCUMENTS.clone().requires_grad_()
    losses = Objective(TrainingSettings(), settings).tree_losses(
        TreeIndexer(2, settings), EmbeddedBatch(QUERIES, documents, PAIRS)
    )
    losses["indexing"].backward()
    assert documents.grad is not None
    return documents.grad


def test_the_semantic_loss_is_that_of_the_dual_encoder_or_the_margin_of_the_paper():
    batch = EmbeddedBatch(QUERIES, DOCUMENTS, PAIRS)
    similarities = QUERIES @ DOCUMENTS.T
    softmax = objective().encoder_losses(batch)["semantic"]
    assert torch.equal(softmax, in_batch_softmax(similarities / 0.5, PAIRS))
    margin = objective(contrastive="margin", margin=0.2).encoder_losses(batch)["semantic"]
    assert torch.equal(margin, margin_loss(similarities, PAIRS, 0.2))


def test_the_intra_leaf_loss_is_computed_only_if_it_has_a_weight():
    indexer = TreeIndexer(2, EhiSettings(branching=3, rank=0))
    batch = EmbeddedBatch(QUERIES, DOCUMENTS, PAIRS)
    without = objective(intra_leaf_weight=0.0).tree_losses(indexer, batch)
    assert without.keys() == {"indexing", "balance", "smoothing"}
    weighted = objective(intra_leaf_weight=0.5).tree_losses(indexer, batch)
    assert weighted.keys() == without.keys() | {"intra_leaf"}


def test_encoder_gradient_scales_what_the_tree_sends_to_the_encoder():
    whole = gradient_of_tree_losses(1.0)
    assert whole.abs().sum() > 0
    assert torch.allclose(gradient_of_tree_losses(0.25), 0.25 * whole)
    assert (gradient_of_tree_losses(0.0) == 0).all()


def test_the_total_is_the_weighted_sum_of_the_losses():
    weights = {"semantic_weight": 0.5, "indexing_weight": 2.0, "balance_weight": 0.1}
    losses = {"semantic": 1.0, "indexing": 3.0, "balance": 10.0}
    total = objective(**weights).total({k: torch.tensor(v) for k, v in losses.items()})
    assert total.item() == pytest.approx(0.5 * 1 + 2 * 3 + 0.1 * 10)
