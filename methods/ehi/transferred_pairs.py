"""Transferred pairs: what a query adds to its document, added to documents without queries.

A tree that sees only the documents of train queries learns to find these. Moving a
pair's offset E(q) - E(d) to a random document gives every document a likely query. Not in
the paper.
"""

import numpy as np
import torch
from torch.nn import functional

from methods.base import Pairs
from methods.encoder.encoder import EmbedBatch
from methods.training.data import EmbeddedBatch
from methods.training.sampling import Batch, relevance


def with_transferred(
    embedded: EmbeddedBatch,
    batch: Batch,
    share: float,
    pairs: Pairs,
    embed_documents: EmbedBatch,
    corpus_size: int,
    random: np.random.Generator,
) -> EmbeddedBatch:
    """Return the batch with the first `share` of its pairs moved to random documents.

    No gradient flows through a transferred pair into the encoder.
    """
    count = int(share * len(batch.queries))
    if not count:
        return embedded
    drawn = random.integers(corpus_size, size=count)
    with torch.no_grad():
        targets = embed_documents(drawn)
        offsets = embedded.queries[:count] - embedded.documents[:count]
        moved = functional.normalize(targets + offsets, dim=1)
    positions = np.concatenate([drawn, batch.documents[count:]])
    relevant = np.empty((len(batch.queries), len(positions)), dtype=np.bool_)
    relevant[:count] = drawn[:, None] == positions
    relevant[count:] = relevance(pairs, batch.queries[count:], positions)
    return EmbeddedBatch(
        torch.cat([moved, embedded.queries[count:]]),
        torch.cat([targets, embedded.documents[count:]]),
        torch.from_numpy(relevant).to(moved.device),
    )
