"""Add the documents that arrive later to an index, and search it, in a worker."""

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harness.measure.balance import posting_balance
from harness.store.artifacts import Artifacts
from harness.tasks.loaded_index import SearchInputs
from harness.tasks.search import SearchTask
from methods.base import Hits, Positions, ProgressBar


@dataclass(frozen=True)
class AddInputs:
    """An index of the first documents, and the vectors of all of them."""

    search: SearchInputs
    embedded: Artifacts  # has the vectors of all documents, by the encoder of the index
    order: Positions  # the positions of all documents, those to add last


class AddTask(SearchTask):
    """Searches an index of the first documents to which the others were added.

    `seconds` is the time that adding took, on all threads and without embedding.
    """

    def __init__(self, inputs: AddInputs, progress: ProgressBar) -> None:
        # Lists that are searched in their file could not grow.
        super().__init__(replace(inputs.search, memory=None), progress)
        self._order = inputs.order
        count = len(inputs.search.artifacts.documents())
        new = np.ascontiguousarray(inputs.embedded.documents()[self._order[count:]])
        started = time.perf_counter()
        self._index.add(np.arange(count, len(self._order)), new)
        self.seconds = time.perf_counter() - started

    def added(self) -> tuple[float, float | None]:
        """Return the seconds, and the largest list over the mean, or None without lists."""
        sizes = self._index.posting_sizes()
        balance = None if sizes is None else posting_balance(sizes)["largest_over_mean"]
        return self.seconds, balance

    def _search(self, queries: Any) -> Hits:
        """Return the hits with the documents' positions in the whole corpus as ids."""
        ids, scores = super()._search(queries)
        return Hits(np.where(ids < 0, -1, self._order[ids]), scores)
