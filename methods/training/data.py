"""The pairs and documents that a trainer learns from, embedded batch by batch with gradient."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from methods.base import Corpus, Pairs, Positions
from methods.encoder.encoder import EmbedBatch, Encoder
from methods.ranks import embed_together
from methods.training.batches import Batch


@dataclass(frozen=True)
class EmbeddedBatch:
    """Embedded queries (n, m) and documents (n + h, m), and which is `relevant` to which."""

    queries: Tensor
    documents: Tensor
    relevant: Tensor


class TrainingData:
    """Training pairs, the corpus they refer to, and the encoder that embeds both.

    The activations of at most `at_once` texts are kept in memory, unless that is 0.
    """

    def __init__(self, encoder: Encoder, pairs: Pairs, corpus: Corpus, at_once: int = 0) -> None:
        self.encoder = encoder
        self.pairs = pairs
        self.corpus = corpus
        queries = encoder.trainable_view(pairs.queries, "query")
        documents = encoder.trainable_view(corpus.texts, "document")
        if at_once:
            queries, documents = (embed_in_parts(each, at_once) for each in (queries, documents))
        self.embed_queries = embed_together(queries)
        self.embed_documents = embed_together(documents)

    def embed(self, batch: Batch) -> EmbeddedBatch:
        """Embed a batch on the encoder's device, with gradient."""
        return EmbeddedBatch(
            self.embed_queries(batch.queries),
            self.embed_documents(batch.documents),
            torch.from_numpy(batch.relevant).to(self.encoder.device),
        )


def embed_in_parts(embed: EmbedBatch, at_once: int) -> EmbedBatch:
    """Return what embeds batches with the gradient of `embed`, in less memory and more time.

    Only the vectors of a batch are kept; going backwards, each part is embedded once more and its
    gradient added up, so that batches can be as large as their vectors allow (gradient caching,
    Gao et al.: Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup, RepL4NLP
    2021). Dropout drops the same both times.
    """

    def embed_parts(positions: Positions) -> Tensor:
        parts = np.array_split(positions, max(1, -(-len(positions) // at_once)))
        return torch.cat([checkpoint(embed, part, use_reentrant=False) for part in parts])

    return embed_parts
