"""Transferred pairs: artificial queries for documents that have no training queries.

A tree that sees only the documents of training queries learns to find only these. Adding the
offset E(q) - E(d) of a pair to a random document gives that document a likely query. Not in the
paper.
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
    """Return the batch with the first `share` of its pairs transferred to random documents.

    No gradient flows from a transferred pair to the encoder.
    """
    count = int(share * len(batch.queries))
    if not count:
        return embedded
    sampled = random.integers(corpus_size, size=count)
    with torch.no_grad():
        targets = embed_documents(sampled)
        offsets = embedded.queries[:count] - embedded.documents[:count]
        queries = functional.normalize(targets + offsets, dim=1)
    positions = np.concatenate([sampled, batch.documents[count:]])
    relevant = np.empty((len(batch.queries), len(positions)), dtype=np.bool_)
    relevant[:count] = sampled[:, None] == positions
    relevant[count:] = relevance(pairs, batch.queries[count:], positions)
    return EmbeddedBatch(
        torch.cat([queries, embedded.queries[count:]]),
        torch.cat([targets, embedded.documents[count:]]),
        torch.from_numpy(relevant).to(queries.device),
    )
