"""The pairs and documents that a trainer learns from, embedded batch by batch with gradient."""

from dataclasses import dataclass

import torch
from torch import Tensor

from methods.base import Corpus, Pairs
from methods.encoder.encoder import Encoder
from methods.ranks import embed_together
from methods.training.batches import Batch


@dataclass(frozen=True)
class EmbeddedBatch:
    """Embedded queries (n, m) and documents (n + h, m), and which is `relevant` to which."""

    queries: Tensor
    documents: Tensor
    relevant: Tensor


class TrainingData:
    """Training pairs, the corpus they refer to, and the encoder that embeds both."""

    def __init__(self, encoder: Encoder, pairs: Pairs, corpus: Corpus) -> None:
        self.encoder = encoder
        self.pairs = pairs
        self.corpus = corpus
        self.embed_queries = embed_together(encoder.trainable_view(pairs.queries, "query"))
        self.embed_documents = embed_together(encoder.trainable_view(corpus.texts, "document"))

    def embed(self, batch: Batch) -> EmbeddedBatch:
        """Embed a batch on the encoder's device, with gradient."""
        return EmbeddedBatch(
            self.embed_queries(batch.queries),
            self.embed_documents(batch.documents),
            torch.from_numpy(batch.relevant).to(self.encoder.device),
        )
