"""The losses of EHI (section 3 of the paper), and two regularisers that spread its use of leaves.

All losses are of one batch: document i is relevant to query i, and hard negatives may follow
the first n documents. `relevant` (n, n + h) marks every document that is relevant to a query,
including the diagonal.
"""

import math

from torch import Tensor

from methods.training.contrastive import in_batch_softmax

LOG_FLOOR = 1e-12
"""Keeps logarithms finite; smaller than any product of path embeddings that matters."""


def path_similarities(queries: Tensor, documents: Tensor) -> Tensor:
    """Return T(q).T(d) (n, n + h), given the logarithms of path embeddings (n, B * H)."""
    return queries.exp() @ documents.exp().T


def indexing_softmax(queries: Tensor, documents: Tensor, relevant: Tensor) -> Tensor:
    """Return the cross-entropy over log T(q).T(d): the softmax form of the indexing loss."""
    similarities = path_similarities(queries, documents)
    return in_batch_softmax(similarities.clamp(min=LOG_FLOOR).log(), relevant)


def intra_leaf(documents: Tensor, paths: Tensor, similar_above: float) -> Tensor:
    """Return the mean T(d).T(d') over pairs of documents with E(d).E(d') below `similar_above`.

    It penalises a path that dissimilar documents share. `documents` (n, m) are embeddings,
    `paths` (n, B * H) logarithms of path embeddings.
    """
    dissimilar = documents.detach() @ documents.detach().T < similar_above
    dissimilar.fill_diagonal_(False)
    return (path_similarities(paths, paths) * dissimilar).sum() / dissimilar.sum().clamp(min=1)


def smoothing(queries: Tensor) -> Tensor:
    """Return the cross-entropy between the uniform distribution and the queries' path embeddings.

    It keeps some probability on the leaves after the best, so that their order in a beam is
    meaningful. Not in the paper.
    """
    return -queries.mean()


def balance(documents: Tensor, height: int) -> Tensor:
    """Return the KL divergence from uniform of the documents' mean probabilities of children.

    It is averaged over heights, whose joint probabilities are first normalised to sum to 1. Not
    in the paper; its reviewers asked what balances leaf sizes, and nothing else does.
    """
    usage = documents.exp().mean(dim=0).view(height, -1)
    usage = usage / usage.sum(dim=1, keepdim=True)
    entropy = -(usage * usage.clamp(min=LOG_FLOOR).log()).sum(dim=1)
    return (math.log(usage.shape[1]) - entropy).mean()
