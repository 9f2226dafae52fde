"""Measure one cell in a worker: search the test queries, and time searches."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.measure.budget import MeanCost
from harness.measure.effort import Effort
from harness.measure.memory import peak_bytes
from harness.measure.threads import one_thread, threads_in_use
from harness.measure.timing import (
    EndToEnd,
    sample_positions,
    time_batches,
    time_end_to_end,
    time_searches,
)
from harness.tasks.effort import EffortTask
from harness.tasks.loaded_index import SearchInputs
from methods.base import Hits, ProgressBar
from methods.encoder.encoder import Encoder
from methods.encoder.vector_files import GIVEN

BATCH = 1000  # queries searched at once for throughput
ENCODED = 100  # texts that end-to-end timing encodes


@dataclass(frozen=True)
class SearchResult:
    """The hits of a cell for the test queries, and what finding them cost."""

    effort: Effort
    hits: Hits
    cost: MeanCost
    visited: NDArray[np.int64] | None  # documents per query; None if only a sample was counted
    loaded_bytes: int  # growth of the process when it loaded the index
    peak_bytes: int  # most memory of the process after the search, before it loads an encoder


class SearchTask(EffortTask):
    """Searches the test queries with a loaded index, at the effort that was found for it."""

    def __init__(self, inputs: SearchInputs, progress: ProgressBar) -> None:
        super().__init__(inputs, progress)
        self._reads_texts = self._index.reads == "texts"
        self._queries: Any = (
            inputs.texts if self._reads_texts else np.array(inputs.artifacts.test_queries())
        )
        self._effort = self._index.efforts(self._depth)[0]

    def measure(self, effort: Effort) -> SearchResult:
        """Search the test queries with an effort, which is also the one that is timed later."""
        self._effort = effort.value
        hits = self._search(self._queries)
        cost = self._index.cost(self._queries, self._depth, self._effort)
        visited = cost.visited if cost.counted is None else None
        mean = self._loaded.mean_cost(cost)
        return SearchResult(effort, hits, mean, visited, self._loaded.bytes, peak_bytes())

    def time_searches(self, start: int, seconds: float) -> list[int]:
        """Return the nanoseconds of single searches on one thread, from query `start` onwards."""
        return self._loaded.on_one_thread(
            lambda: time_searches(self._search, self._single, start, seconds)
        )

    def time_end_to_end(self, start: int, seconds: float) -> EndToEnd:
        """Return the nanoseconds from a query's text to its documents, on one thread."""
        encode = _as_batch if self._reads_texts else self._encode  # loads the encoder untimed
        return self._loaded.on_one_thread(
            lambda: time_end_to_end(
                encode,
                self._search,
                self._sampled_texts,
                start,
                seconds,
                self._inputs.job.encode_device,
            )
        )

    def time_batches(self, seconds: float) -> tuple[int, list[int]]:
        """Return the number of queries in a batch, and the nanoseconds of each batch."""
        batch = self._queries[:BATCH]
        return len(batch), time_batches(lambda: self._search(batch), seconds)

    def threads(self) -> dict[str, Any]:
        """Return the number of threads of each library while single searches are timed.

        "index" counts the threads of a library that has its own pool, such as hnswlib or ScaNN.
        """

        def in_use() -> dict[str, Any]:
            with one_thread():
                return {**threads_in_use(), "index": self._loaded.threads}

        return self._loaded.on_one_thread(in_use)

    def _search(self, queries: Any) -> Hits:
        return self._index.search(queries, self._depth, self._effort)

    @cached_property
    def _single(self) -> list[Any]:
        return [self._queries[i : i + 1] for i in sample_positions(len(self._queries))]

    @cached_property
    def _sampled_texts(self) -> list[str]:
        return [self._inputs.texts[i] for i in sample_positions(len(self._inputs.texts), ENCODED)]

    @cached_property
    def _encode(self) -> Callable[[str], Any]:
        if self._inputs.job.settings["encoder"] == GIVEN:
            vectors = dict(zip(self._inputs.texts, self._queries[:, None], strict=True))
            return lambda text: vectors[text]
        encoder = Encoder(self._inputs.job.settings["encoder"], self._resources)
        encoder.load(self._inputs.artifacts.encoder)
        return lambda text: encoder.encode([text], "query")


def _as_batch(text: str) -> list[str]:
    return [text]
