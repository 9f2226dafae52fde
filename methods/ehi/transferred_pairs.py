"""The pairs that the tree learns from, and artificial queries for documents that have none.

A tree that sees only the documents of training queries learns to find only these. Adding the
offset E(q) - E(d) of a pair to a random document gives that document a likely query. Not in the
paper.
"""

import numpy as np
import torch
from torch.nn import functional

from methods.base import Pairs
from methods.trainable_view import EmbedBatch
from methods.training.batches import Batch, relevance
from methods.training.data import EmbeddedBatch


def pairs_for_tree(
    embedded: EmbeddedBatch,
    batch: Batch,
    share: float,
    pairs: Pairs,
    embed_documents: EmbedBatch,
    corpus_size: int,
    random: np.random.Generator,
) -> EmbeddedBatch:
    """Return the pairs of a batch, the first `share` of them transferred to random documents.

    Hard negatives are left out: the tree finds as much without them, and trains in two thirds of
    the time. No gradient flows from a transferred pair to the encoder.
    """
    total = len(batch.queries)
    count = int(share * total)
    if not count:
        paired = embedded.documents[:total]
        return EmbeddedBatch(embedded.queries, paired, embedded.relevant[:, :total])
    sampled = random.integers(corpus_size, size=count)
    with torch.no_grad(), torch.random.fork_rng():  # leaves the encoder's dropout as it is
        targets = embed_documents(sampled)
        offsets = embedded.queries[:count] - embedded.documents[:count]
        queries = functional.normalize(targets + offsets, dim=1)
    positions = np.concatenate([sampled, batch.documents[count:total]])
    relevant = np.empty((total, total), dtype=np.bool_)
    relevant[:count] = sampled[:, None] == positions
    relevant[count:] = relevance(pairs, batch.queries[count:], positions)
    return EmbeddedBatch(
        torch.cat([queries, embedded.queries[count:]]),
        torch.cat([targets, embedded.documents[count:total]]),
        torch.from_numpy(relevant).to(queries.device),
    )
