"""What EHI trains: the encoder, and from epoch `ehi.joint_from` on the tree together with it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from methods.base import Array, Positions, Resources, Router
from methods.devices import SearchPlace, has_faiss
from methods.ehi.indexer import TreeIndexer
from methods.ehi.objective import Objective
from methods.ehi.settings import EhiSettings, TreeSettings
from methods.ehi.transferred_pairs import pairs_for_tree
from methods.ehi.tree_index import TreeIndex
from methods.ehi.warm_start import start_from_kmeans
from methods.engines.torch_indexes import TorchTree
from methods.ranks import copy_from_main
from methods.settings import TrainingSettings
from methods.training.batches import Batch
from methods.training.checkpoint import RandomState, Stateful
from methods.training.data import EmbeddedBatch, TrainingData
from methods.training.negative_mining import SearchCorpus, exact_search
from methods.training.optimisation import Optimisation


class EhiLearner:
    """The encoder and the tree, each with an optimiser of its own; see methods/training/loop.py.

    A frozen encoder has no optimiser. Training then starts when the tree joins, because nothing
    learns before.
    """

    def __init__(
        self,
        training: TrainingSettings,
        settings: EhiSettings,
        resources: Resources,
        data: TrainingData,
        batches_per_epoch: int,
        seed: int,
    ) -> None:
        self._settings = settings
        self._resources = resources
        self._data = data
        self._seed = seed
        self._random = np.random.default_rng([seed, 1])
        encoder = data.encoder
        with torch.random.fork_rng(devices=[]):  # dropout drops what the dual encoder's does
            indexer = self._new_indexer(encoder.profile.dimensions)
        self.indexer = indexer.to(encoder.device)
        self._objective = Objective(training, settings)
        groups = encoder.parameter_groups(training)
        steps = training.epochs * batches_per_epoch
        self._encoder_optimisers = [Optimisation(groups, training, steps)] if groups else []
        joint_steps = steps - settings.joint_from * batches_per_epoch
        tree_groups = self.indexer.parameter_groups(settings.indexer_learning_rate)
        self._tree_optimiser = Optimisation(tree_groups, training, joint_steps)
        self.first_epoch = 0 if groups else settings.joint_from

    @property
    def name(self) -> str:
        """The name of what learns, which the progress bar shows."""
        return "EHI" if self._encoder_optimisers else "EHI's tree"

    @property
    def encoder_updates(self) -> int:
        """The optimiser steps that the encoder has had."""
        return sum(optimiser.updates for optimiser in self._encoder_optimisers)

    def start_epoch(self, epoch: int) -> None:
        """Initialise the tree in the epoch in which it joins."""
        if epoch == self._settings.joint_from:
            self._initialise_tree()
            copy_from_main(self.indexer.state_dict().values())

    def optimisers(self, epoch: int) -> Sequence[Optimisation]:
        """Return the encoder's optimiser if it learns, and the tree's once it has joined."""
        tree_optimisers = [self._tree_optimiser] if self._is_joint(epoch) else []
        return [*tree_optimisers, *self._encoder_optimisers]

    def search(self, epoch: int) -> SearchCorpus | None:
        """Return exact search, or search by the tree once it has joined; None if frozen."""
        if not self._encoder_optimisers:
            return None
        return self._beam_search if self._is_joint(epoch) else exact_search

    def losses(self, epoch: int, batch: Batch, embedded: EmbeddedBatch) -> dict[str, Tensor]:
        """Return the losses of whatever learns in this epoch: the encoder, the tree or both."""
        losses = self._objective.encoder_losses(embedded) if self._encoder_optimisers else {}
        if self._is_joint(epoch):
            for_tree = pairs_for_tree(
                embedded,
                batch,
                self._settings.transferred_share,
                self._data.pairs,
                self._data.embed_documents,
                len(self._data.corpus),
                self._random,
            )
            losses |= self._objective.tree_losses(self.indexer, for_tree)
        return losses

    def total(self, losses: Mapping[str, Tensor]) -> Tensor:
        """Return the sum of the losses, weighted as the settings say."""
        return self._objective.total(losses)

    def checkpoint_parts(self) -> dict[str, Stateful]:
        """Return the tree, the optimisers and the random numbers."""
        optimisers = [*self._encoder_optimisers, self._tree_optimiser]
        return {
            "indexer": self.indexer,
            **{f"optimisation_{i}": optimiser for i, optimiser in enumerate(optimisers)},
            "random": RandomState(self._random),
        }

    def router(self) -> Router:
        """Return the learned router."""
        return self.indexer.router()

    def _is_joint(self, epoch: int) -> bool:
        return epoch >= self._settings.joint_from

    def _new_indexer(self, dimensions: int) -> TreeIndexer:
        return TreeIndexer(dimensions, self._settings)

    def _initialise_tree(self) -> None:
        if self._settings.warm_start == "kmeans":
            with self._resources.progress("Starting the tree from k-means", 1):
                start_from_kmeans(
                    self.indexer, self._embedded_documents(), self._seed, self._resources.parts
                )

    def _embedded_documents(self) -> Array:
        return self._data.encoder.embeddings(self._data.corpus.texts, "document")

    def _beam_search(self, queries: Array, documents: Array, depth: int, device: str) -> Positions:
        """Search only the leaves of each query's beam, of `ehi.negative_beam` leaves."""
        beam = min(self._settings.negative_beam, self._settings.leaves)
        place = SearchPlace(device, "torch")
        index = (
            TreeIndex(TreeSettings(), self._resources)
            if device == "cpu" and has_faiss()
            else TorchTree(TreeSettings(), replace(self._resources, search=place))
        )
        index.build(documents, self._seed, self.indexer.router())
        return index.search(queries, depth, beam).ids
