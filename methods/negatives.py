"""Hard negatives: documents that the method's own search returns and that are not relevant."""

import time
from collections.abc import Callable

import numpy as np

from methods.base import Array, Corpus, Pairs, Positions
from methods.encoder import Encoder
from methods.settings import TrainingSettings

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
        return {"refresh_seconds": time.perf_counter() - started}


def exact_search(queries: Array, documents: Array, depth: int) -> Positions:
    """Return the best documents of all, as ANCE does (Xiong et al., ICLR 2021)."""
    import faiss

    index = faiss.IndexFlatIP(documents.shape[1])
    index.add(documents)
    found: Positions = index.search(queries, depth)[1]
    return found


def without_relevant(found: Positions, pairs: Pairs, corpus_size: int) -> Positions:
    """Return what was found for each query (n, depth), with -1 for what is relevant to it."""
    rows = np.repeat(np.arange(len(pairs)), np.diff(pairs.starts))
    # A query and a document as one number, so that membership is one look-up.
    relevant = rows * corpus_size + pairs.documents
    seen = np.arange(len(pairs))[:, None] * corpus_size + found
    return np.where(np.isin(seen, relevant), -1, found)
