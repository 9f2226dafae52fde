"""The pairs and documents that a trainer learns from, embedded batch by batch with gradient."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from methods.base import Corpus, Pairs, Positions
from methods.encoder.encoder import Encoder
from methods.ranks import embed_together
from methods.trainable_view import TrainableView
from methods.training.batches import Batch


@dataclass(frozen=True)
class PreparedBatch:
    """A batch, and what embeds its queries and documents on the device; see `TrainableView`."""

    batch: Batch
    queries: Any
    documents: Any


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

    def prepare(self, batch: Batch) -> PreparedBatch:
        """Prepare a batch for `embed`, which a thread can do ahead."""
        return PreparedBatch(
            batch,
            self.embed_queries.prepare(batch.queries),
            self.embed_documents.prepare(batch.documents),
        )

    def embed(self, prepared: PreparedBatch) -> EmbeddedBatch:
        """Embed a batch on the encoder's device, with gradient."""
        return EmbeddedBatch(
            self.embed_queries.embed(prepared.queries),
            self.embed_documents.embed(prepared.documents),
            torch.from_numpy(prepared.batch.relevant).to(self.encoder.device),
        )


def embed_in_parts(view: TrainableView, at_once: int) -> TrainableView:
    """Return what embeds batches with the gradient of `view`, in less memory and more time.

    Only the vectors of a batch are kept; going backwards, each part is embedded once more and its
    gradient added up, so that batches can be as large as their vectors allow (gradient caching,
    Gao et al.: Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup, RepL4NLP
    2021). Dropout drops the same both times.
    """

    def prepare_parts(positions: Positions) -> list[Any]:
        parts = np.array_split(positions, max(1, -(-len(positions) // at_once)))
        return [view.prepare(part) for part in parts]

    def embed_parts(parts: list[Any]) -> Tensor:
        return torch.cat([checkpoint(view.embed, part, use_reentrant=False) for part in parts])

    return TrainableView(embed_parts, prepare_parts)
