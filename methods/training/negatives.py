"""Hard negatives: documents that the method's own search returns and that are not relevant."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from methods.base import Array, Corpus, Pairs, Positions
from methods.encoder.encoder import Encoder
from methods.settings import TrainingSettings

LOG = logging.getLogger(__name__)
DEPTH = 100
"""How many of the best documents of a query its negatives are drawn from."""

SearchCorpus = Callable[[Array, Array, int], Positions]
"""Searches queries (n, m) among documents to a depth: positions (n, depth), -1 pads."""


class HardNegatives:
    """The negatives of every train query, found anew every `refresh_every` epochs."""

    def __init__(
        self, training: TrainingSettings, encoder: Encoder, pairs: Pairs, corpus: Corpus
    ) -> None:
        self._training = training
        self._encoder = encoder
        self._pairs = pairs
        self._corpus = corpus
        self.found: Positions | None = None

    def refresh(self, epoch: int, search: SearchCorpus) -> dict[str, float]:
        """Search the corpus as it is embedded now, if it is time to.

        Return what it cost, for the epoch's row of the history.
        """
        due = self.found is None or epoch % self._training.refresh_every == 0
        if not self._training.hard_negatives or not due:
            return {}
        started = time.perf_counter()
        queries = self._encoder.embeddings(self._pairs.queries, "query")
        documents = self._encoder.embeddings(self._corpus.texts, "document")
        found = search(queries, documents, min(DEPTH, len(documents)))
        self.found = without_relevant(found, self._pairs, len(documents))
        seconds = time.perf_counter() - started
        LOG.info(
            "epoch %d: hard negatives of %d queries found anew in %.1f s",
            epoch + 1,
            len(self._pairs),
            seconds,
        )
        return {"refresh_seconds": seconds}

    def state_dict(self) -> dict[str, Any]:
        """Return what was found, for a checkpoint."""
        return {} if self.found is None else {"found": torch.from_numpy(self.found)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on with what `state_dict` returned."""
        self.found = state["found"].numpy() if state else None


def exact_search(queries: Array, documents: Array, depth: int) -> Positions:
    """Return the best documents of all, as ANCE does (Xiong et al., ICLR 2021)."""
    import faiss

    index = faiss.IndexFlatIP(documents.shape[1])
    index.add(documents)
    found: Positions = index.search(queries, depth)[1]
    return found


def without_relevant(found: Positions, pairs: Pairs, corpus_size: int) -> Positions:
    """Return what was found for each query (n, depth), with -1 for what is relevant to it."""
    return np.where(is_relevant(found, pairs, corpus_size), -1, found)


def is_relevant(found: Positions, pairs: Pairs, corpus_size: int) -> NDArray[np.bool_]:
    """Return which of the documents found for each query (n, depth) are relevant to it.

    -1, which is none, is relevant to none.
    """
    rows = np.repeat(np.arange(len(pairs)), np.diff(pairs.starts))
    # A query and a document as one number, so that membership is one look-up.
    relevant = rows * corpus_size + pairs.documents
    seen = np.arange(len(pairs))[:, None] * corpus_size + found
    return np.isin(seen, relevant) & (found >= 0)
