"""Train methods on hpo, build their indexes and time them in turns, for the benches of search."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.commands.session import cache_folder
from harness.config import Settings, load_settings, resolved_settings
from harness.datasets import load_dataset
from harness.datasets.dataset import Dataset
from harness.measure.budget import MeanCost, mean_cost
from harness.measure.quality import DEFAULT_DEPTH
from harness.measure.threads import one_thread
from harness.measure.timing import sample_positions, time_batches, time_searches
from methods.base import Array, Hits, Resources
from methods.encoder.encoder import Encoder
from methods.registry import method
from methods.settings import NoSettings
from methods.trainer import Trained

RESOURCES = Resources("cpu", cache_folder())
BATCH = 1000
ROUNDS, SECONDS = 9, 0.06


@cache
def hpo() -> Dataset:
    return load_dataset("hpo")


def quick_settings(overrides: Sequence[str] = ()) -> Settings:
    """Return the settings of preset quick for hpo."""
    return resolved_settings(load_settings("quick", overrides), hpo().size)


@cache
def trained(name: str, *overrides: str) -> Trained:
    """Train a method on hpo with preset quick and seed 0."""
    trainer, settings = method(name).trainer, quick_settings(overrides)
    assert trainer is not None
    own = settings.get(trainer.section, NoSettings())
    encoder = Encoder(settings["encoder"], RESOURCES)
    learned: Trained = trainer.load()(settings["training"], own, RESOURCES).fit(
        encoder, hpo().train().pairs(), hpo().corpus, 0
    )
    return learned


class Contender:
    """A built index, the embedded test queries, and the cost of searching for them."""

    def __init__(self, name: str, learned: Trained, *overrides: str) -> None:
        row, settings = method(name), quick_settings(overrides)
        documents = learned.encoder.embeddings(hpo().corpus.texts, "document")
        self.index: Any = row.new_index(settings, RESOURCES)
        self.index.build(documents, learned.seed, learned.router)
        self.queries = learned.encoder.embeddings(hpo().test().texts, "query")
        self.batch = self.queries[sample_positions(len(self.queries), BATCH)]
        self._documents, self._dimensions = documents.shape
        self._spends: dict[int, MeanCost] = {}

    def spend(self, effort: int) -> MeanCost:
        """Return the average cost of a query of the batch."""
        if effort not in self._spends:
            cost = self.index.cost(self.batch, DEFAULT_DEPTH, effort)
            self._spends[effort] = mean_cost(cost, self._documents, self._dimensions)
        return self._spends[effort]

    def visited(self, effort: int) -> float:
        return self.spend(effort).visited

    def search(self, effort: int, depth: int, queries: Array) -> Hits:
        hits: Hits = self.index.search(queries, depth, effort)
        return hits

    def route(self, effort: int, queries: Array) -> object:
        """Choose lists or leaves as a search does, without searching them."""
        router, postings = self.index.router, self.index.postings
        if not self.index.routes_itself:
            return router.beam(queries, effort)
        return postings.nearest_lists(queries, effort)

    def one_by_one(self, call: Callable[[Array], object]) -> float:
        """Return the median microseconds of a call with one query, on one thread."""
        self.index.use_threads(1)
        single = [self.batch[i : i + 1] for i in range(len(self.batch))]
        return float(np.median(time_searches(call, single, 0, SECONDS))) / 1e3

    def in_batch(self, call: Callable[[Array], object]) -> float:
        """Return the median microseconds per query of a call with the whole batch."""
        nanoseconds = time_batches(partial(call, self.batch), SECONDS)
        return float(np.median(nanoseconds)) / 1e3 / len(self.batch)

    def in_batch_on_one_thread(self, call: Callable[[Array], object]) -> float:
        with one_thread():
            return self.in_batch(call)


def in_turns(calls: Mapping[Any, Callable[[], float]]) -> dict[Any, NDArray[np.float64]]:
    """Return what each call returned in every round. Every round has its own random order."""
    random = np.random.default_rng(0)
    names = list(calls)
    rounds: dict[Any, list[float]] = {name: [] for name in names}
    for _round in range(ROUNDS):
        for index in random.permutation(len(names)):
            rounds[names[index]].append(calls[names[index]]())
    return {name: np.array(values) for name, values in rounds.items()}
