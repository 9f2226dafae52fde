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
from methods.engines.nearest import nearest
from methods.ranks import copy_from_main
from methods.settings import TrainingSettings

LOG = logging.getLogger(__name__)

SearchCorpus = Callable[[Array, Array, int, str], Positions]
"""Searches documents for queries (n, m) to a depth, on the device that trains.

Returns positions (n, depth), padded with -1.
"""


class HardNegatives:
    """The candidates for the negatives of each query, searched again every `refresh_every` epochs.

    `candidates` (queries, depth) are corpus positions, with -1 for relevant documents and padding;
    None if no hard negatives are wanted, or before the first search.
    """

    def __init__(
        self, training: TrainingSettings, encoder: Encoder, pairs: Pairs, corpus: Corpus
    ) -> None:
        self._training = training
        self._encoder = encoder
        self._pairs = pairs
        self._corpus = corpus
        self.candidates: Positions | None = None

    def refresh(self, epoch: int, search: SearchCorpus) -> dict[str, float]:
        """Search the corpus as it is embedded now, in the epochs in which a search is expected.

        Return its seconds for the history row of the epoch; nothing if there was no search.
        """
        expected = self.candidates is None or epoch % self._training.refresh_every == 0
        if not self._training.hard_negatives or not expected:
            return {}
        started = time.perf_counter()
        queries = self._encoder.embeddings(self._pairs.queries, "query")
        documents = self._encoder.embeddings(self._corpus.texts, "document")
        depth = min(self._training.negative_depth, len(documents))
        hits = search(queries, documents, depth, self._encoder.device)
        self.candidates = without_relevant(hits, self._pairs, len(documents))
        copy_from_main([torch.from_numpy(self.candidates)])
        seconds = time.perf_counter() - started
        LOG.info(
            "epoch %d: searched hard negatives for %d queries in %.1f s",
            epoch + 1,
            len(self._pairs),
            seconds,
        )
        return {"refresh_seconds": seconds}

    def state_dict(self) -> dict[str, Any]:
        """Return the candidates, for a checkpoint."""
        return {} if self.candidates is None else {"found": torch.from_numpy(self.candidates)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue with what `state_dict` returned."""
        self.candidates = state["found"].numpy() if state else None


def exact_search(queries: Array, documents: Array, depth: int, device: str) -> Positions:
    """Return the best of all documents, as ANCE does (Xiong et al., ICLR 2021)."""
    return nearest(queries, documents, depth, device).ids


def without_relevant(hits: Positions, pairs: Pairs, corpus_size: int) -> Positions:
    """Return the hits of each query (n, depth), with -1 in place of relevant documents."""
    return np.where(is_relevant(hits, pairs, corpus_size), -1, hits)


def is_relevant(hits: Positions, pairs: Pairs, corpus_size: int) -> NDArray[np.bool_]:
    """Return which of the hits of each query (n, depth) are relevant to it; -1 never is."""
    rows = np.repeat(np.arange(len(pairs)), np.diff(pairs.starts))
    # Each pair of a query and a document becomes one number, so that one look-up tests them all.
    relevant = rows * corpus_size + pairs.documents
    numbered_hits = np.arange(len(pairs))[:, None] * corpus_size + hits
    return np.isin(numbered_hits, relevant) & (hits >= 0)
