"""The losses of EHI (section 3), and two terms that keep leaves and beams in use.

All work in the batch: row i of the queries belongs to row i of the documents, behind which
hard negatives may follow, and `relevant` (n, n + h) marks every document that is relevant to
a query, the diagonal included.
"""

import math

import torch
from torch import Tensor

from methods.training.contrastive import in_batch_softmax

SMALLEST = 1e-12
"""Below any product of path embeddings that matters; keeps the logarithm finite."""


def margin_loss(similarities: Tensor, relevant: Tensor, margin: float) -> Tensor:
    """Return the mean of max(0, a.n - a.p + margin) over the negatives of every query."""
    violations = torch.relu(similarities - similarities.diagonal()[:, None] + margin)
    negatives = ~relevant
    return (violations * negatives).sum() / negatives.sum().clamp(min=1)


def path_similarities(queries: Tensor, documents: Tensor) -> Tensor:
    """Return T(q).T(d) (n, n + h) from logarithms of path embeddings (n, B * H)."""
    return queries.exp() @ documents.exp().T


def indexing_softmax(queries: Tensor, documents: Tensor, relevant: Tensor) -> Tensor:
    """Return the cross-entropy over log T(q).T(d): the softmax form of the indexing loss."""
    similarities = path_similarities(queries, documents)
    return in_batch_softmax(similarities.clamp(min=SMALLEST).log(), relevant)


def intra_leaf(documents: Tensor, paths: Tensor, similar_above: float) -> Tensor:
    """Return the mean T(d).T(d') of the pairs of documents whose E(d).E(d') is below tau.

    Documents that are not similar should not share a path. `documents` (n, m) are
    embeddings, `paths` (n, B * H) logarithms of path embeddings.
    """
    apart = documents.detach() @ documents.detach().T < similar_above
    apart.fill_diagonal_(False)
    return (path_similarities(paths, paths) * apart).sum() / apart.sum().clamp(min=1)


def smoothing(queries: Tensor) -> Tensor:
    """Return the cross-entropy of the queries' path probabilities to uniform ones.

    It keeps a query from staking everything on one leaf, so that the order of the next
    ones in its beam means something. Not in the paper.
    """
    return -queries.mean()


def balance(documents: Tensor, height: int) -> Tensor:
    """Return the KL divergence of the documents' mean use of the children from uniform.

    The mean over heights; each height's joint probabilities are first made to sum to 1.
    Not in the paper, whose reviewers asked for it: nothing else fixes leaf sizes.
    """
    usage = documents.exp().mean(dim=0).view(height, -1)
    usage = usage / usage.sum(dim=1, keepdim=True)
    entropy = -(usage * usage.clamp(min=SMALLEST).log()).sum(dim=1)
    return (math.log(usage.shape[1]) - entropy).mean()
