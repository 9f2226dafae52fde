"""The contrastive losses of a batch, shared by the dual encoder and by EHI."""

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


def margin_loss(similarities: Tensor, relevant: Tensor, margin: float) -> Tensor:
    """Return the mean of max(0, a.n - a.p + margin) over the negatives of every query.

    `similarities` and `relevant` (n, n + h) are as for `in_batch_softmax`.
    """
    violations = torch.relu(similarities - similarities.diagonal()[:, None] + margin)
    negatives = ~relevant
    return (violations * negatives).sum() / negatives.sum().clamp(min=1)
