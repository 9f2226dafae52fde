"""Learned routing of queries to k-means lists that stay as they are (after LTR-IVF)."""

from typing import cast

import torch
from torch import Tensor
from torch.nn import functional

from methods.base import Resources
from methods.ehi.indexer import TreeIndexer
from methods.ehi.learner import EhiLearner
from methods.ehi.list_router import ListRouter
from methods.ehi.settings import EhiSettings
from methods.ehi.trainer import EhiTrainer
from methods.ehi.warm_start import start_from_centroids
from methods.engines.nearest import kept_kmeans
from methods.errors import InputError
from methods.settings import TrainingSettings

SMOOTHING = 0.1
"""The share of a document's path that is spread over all lists, as in label smoothing."""


class ListIndexer(TreeIndexer):
    """A tree of height 1 for queries; the path of a document is that of its nearest centroid."""

    centroids: Tensor

    def __init__(self, dimensions: int, settings: EhiSettings) -> None:
        super().__init__(dimensions, settings)
        self.register_buffer("centroids", torch.zeros(settings.branching, dimensions))

    def log_embedding_of_documents(self, vectors: Tensor) -> Tensor:
        """Return log T(d) (n, B), where T(d) is the smoothed one-hot of the list of d."""
        lists = (vectors @ self.centroids.T).argmax(dim=1)
        one_hot = functional.one_hot(lists, self.branching).to(vectors.dtype)
        return ((1 - SMOOTHING) * one_hot + SMOOTHING / self.branching).log()

    def router(self) -> ListRouter:
        """Return a copy of the current weights and of the centroids, for search."""
        return ListRouter(self.tree(), self.centroids.cpu().numpy().copy())


class ListRouterLearner(EhiLearner):
    """A router on k-means lists, which are found when the router joins the training.

    With `ehi.warm_start` "kmeans" the router's classifier starts from the centroids.
    """

    name = "the router to k-means lists"

    def _new_indexer(self, dimensions: int) -> ListIndexer:
        return ListIndexer(dimensions, self._settings)

    def _initialise_tree(self) -> None:
        with self._resources.progress("Finding the lists by k-means", 1):
            documents = self._embedded_documents()
            centroids = kept_kmeans(
                self._resources.parts, documents, self._settings.branching, self._seed
            )
        cast(ListIndexer, self.indexer).centroids.copy_(torch.from_numpy(centroids))
        if self._settings.warm_start == "kmeans":
            start_from_centroids(self.indexer, documents, [centroids[None]])


class ListRouterTrainer(EhiTrainer):
    """Trains a router with EHI's losses and batches; documents keep their k-means lists.

    There are `ehi.branching` lists.
    """

    learner = ListRouterLearner

    def __init__(
        self, training: TrainingSettings, settings: EhiSettings, resources: Resources
    ) -> None:
        if settings.height > 1:
            raise InputError(
                f"ehi.height is {settings.height}, but the k-means lists of ivf+router have one "
                "height; --set ehi.height=1 for ivf+router"
            )
        super().__init__(training, settings, resources)
