"""The training objective of EHI: the losses of encoder and tree, and their weights."""

from collections.abc import Mapping

import torch
from torch import Tensor

from methods.ehi.indexer import TreeIndexer
from methods.ehi.losses import (
    balance,
    indexing_softmax,
    intra_leaf,
    path_similarities,
    smoothing,
)
from methods.ehi.settings import EhiSettings
from methods.settings import TrainingSettings
from methods.training.contrastive import in_batch_softmax, margin_loss
from methods.training.data import EmbeddedBatch


class Objective:
    """Computes the semantic loss of the encoder and the losses of the tree, and sums them up."""

    def __init__(self, training: TrainingSettings, settings: EhiSettings) -> None:
        self._temperature = training.temperature
        self._settings = settings

    def encoder_losses(self, batch: EmbeddedBatch) -> dict[str, Tensor]:
        """Return the semantic loss: the softmax of the dual encoder, or the paper's margin loss."""
        similarities = batch.queries @ batch.documents.T
        if self._settings.contrastive == "margin":
            loss = margin_loss(similarities, batch.relevant, self._settings.margin)
        else:
            loss = in_batch_softmax(similarities / self._temperature, batch.relevant)
        return {"semantic": loss}

    def tree_losses(self, indexer: TreeIndexer, batch: EmbeddedBatch) -> dict[str, Tensor]:
        """Return the losses of the tree; `ehi.encoder_gradient` scales what reaches the encoder."""
        settings = self._settings
        scale = settings.encoder_gradient
        queries = indexer.log_embedding(_scaled_gradient(batch.queries, scale))
        documents = indexer.log_embedding_of_documents(_scaled_gradient(batch.documents, scale))
        if settings.contrastive == "margin":
            similarities = path_similarities(queries, documents)
            indexing = margin_loss(similarities, batch.relevant, settings.margin)
        else:
            indexing = indexing_softmax(queries, documents, batch.relevant)
        distributions = 1 if indexer.by_leaves else indexer.height
        losses = {"indexing": indexing}
        if settings.intra_leaf_weight:  # skipped at 0: it takes a tenth of a step
            losses["intra_leaf"] = intra_leaf(batch.documents, documents, settings.similar_above)
        losses["balance"] = balance(documents, distributions)
        losses["smoothing"] = smoothing(queries)
        return losses

    def total(self, losses: Mapping[str, Tensor]) -> Tensor:
        """Return the weighted sum of the losses: the paper's three, balance and smoothing."""
        weights = {
            "semantic": self._settings.semantic_weight,
            "indexing": self._settings.indexing_weight,
            "intra_leaf": self._settings.intra_leaf_weight,
            "balance": self._settings.balance_weight,
            "smoothing": self._settings.smoothing_weight,
        }
        return torch.stack([weights[name] * loss for name, loss in losses.items()]).sum()


def _scaled_gradient(vectors: Tensor, scale: float) -> Tensor:
    """Return the vectors unchanged, with their gradient multiplied by `scale`."""
    return scale * vectors + (1 - scale) * vectors.detach()
