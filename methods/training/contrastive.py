"""The contrastive loss of a batch, shared by the dual encoder and by EHI."""

import torch
from torch import Tensor
from torch.nn import functional


def in_batch_softmax(logits: Tensor, relevant: Tensor) -> Tensor:
    """Return the mean cross-entropy of each query's own document among all of the batch.

    `logits` (n, n + h) scores query i against document j; the sampled pairs are the diagonal.
    Other documents that are `relevant` (n, n + h) to a query do not count as its negatives.
    """
    masked = logits.masked_fill(relevant.clone().fill_diagonal_(False), float("-inf"))
    return functional.cross_entropy(masked, torch.arange(len(logits), device=logits.device))
