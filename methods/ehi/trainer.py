"""The joint training of encoder and indexer, read from top to bottom."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from methods.base import Array, Corpus, Pairs, Positions, Resources, Router, Trained, Trainer
from methods.contrastive import in_batch_softmax
from methods.ehi.indexer import TreeIndexer
from methods.ehi.losses import (
    balance,
    indexing_softmax,
    intra_leaf,
    margin_loss,
    path_similarities,
    smoothing,
)
from methods.ehi.router import TreeRouter
from methods.ehi.settings import EhiSettings, TreeSettings
from methods.ehi.transfer import EmbeddedBatch, with_transferred
from methods.ehi.tree_index import TreeIndex
from methods.ehi.warm_start import start_from_kmeans
from methods.encoder import Encoder
from methods.errors import InputError
from methods.negatives import HardNegatives, SearchCorpus, exact_search
from methods.optimisation import Optimisation, finite_loss
from methods.sampling import Batches
from methods.settings import TrainingSettings


class EhiTrainer(Trainer):
    """Trains the encoder on the same batches as the dual encoder, and the tree with it."""

    def __init__(
        self, training: TrainingSettings, settings: EhiSettings, resources: Resources
    ) -> None:
        self._training = training
        self._settings = settings
        self._resources = resources

    def fit(self, encoder: Encoder, pairs: Pairs, corpus: Corpus, seed: int) -> Trained:
        """Train encoder and indexer. A frozen encoder leaves the indexer to be trained alone."""
        training, settings = self._training, self._settings
        self._check(pairs, corpus)
        torch.manual_seed(seed)
        random = np.random.default_rng([seed, 1])
        batches = Batches(pairs, training.batch_size, seed)
        steps = training.epochs * len(batches)
        joint_steps = steps - settings.joint_from * len(batches)
        embed_queries = encoder.trainable_view(pairs.queries, "query")
        embed_documents = encoder.trainable_view(corpus.texts, "document")
        indexer = self._new_indexer(encoder.profile.dimensions).to(encoder.device)
        encoder_groups = encoder.parameter_groups(training)
        optimisers = [Optimisation(encoder_groups, training, steps)] if encoder_groups else []

        negatives = HardNegatives(training, encoder, pairs, corpus)
        history = []
        # Before the tree joins, a frozen encoder has nothing to do.
        first_epoch = 0 if encoder_groups else settings.joint_from
        todo = (training.epochs - first_epoch) * len(batches)
        with self._resources.progress("Training EHI", todo) as advance:
            for epoch in range(first_epoch, training.epochs):
                if epoch == settings.joint_from:
                    self._start(indexer, encoder, corpus, seed)
                    tree = {
                        "params": list(indexer.parameters()),
                        "lr": settings.indexer_learning_rate,
                    }
                    optimisers.append(Optimisation([tree], training, joint_steps))
                has_tree = epoch >= settings.joint_from
                search = self._beam_search(indexer, encoder, seed) if has_tree else exact_search
                cost = negatives.refresh(epoch, search)
                sums: dict[str, Tensor] = {}
                for batch in batches.epoch(epoch, negatives.found, training.hard_negatives):
                    embedded = EmbeddedBatch(
                        embed_queries(batch.queries),
                        embed_documents(batch.documents),
                        torch.from_numpy(batch.relevant).to(encoder.device),
                    )
                    losses = {"semantic": self._semantic(embedded)}
                    if has_tree:
                        for_tree = with_transferred(
                            embedded,
                            batch,
                            settings.transferred_share,
                            pairs,
                            embed_documents,
                            len(corpus),
                            random,
                        )
                        losses |= self._of_tree(indexer, for_tree)
                    if optimisers:
                        self._step(optimisers, losses)
                    for name, loss in losses.items():
                        sums[name] = sums.get(name, 0) + loss.detach()
                    advance()
                means = {
                    name: finite_loss(float(value) / len(batches), epoch)
                    for name, value in sums.items()
                }
                history.append({"epoch": epoch, **means, **cost})
        updates = optimisers[0].updates if encoder_groups else 0
        return Trained(encoder, indexer.router(), seed, updates, history)

    @staticmethod
    def load_router(path: Path) -> Router:
        """Read the weights of a tree."""
        return TreeRouter.load(path)

    def _new_indexer(self, dimensions: int) -> TreeIndexer:
        chosen = self._settings
        return TreeIndexer(dimensions, chosen.branching, chosen.height, chosen.temperature)

    def _start(self, indexer: TreeIndexer, encoder: Encoder, corpus: Corpus, seed: int) -> None:
        if self._settings.warm_start == "kmeans":
            with self._resources.progress("Starting the tree from k-means", 1):
                start_from_kmeans(indexer, encoder.embeddings(corpus.texts, "document"), seed)

    def _semantic(self, batch: EmbeddedBatch) -> Tensor:
        similarities = batch.queries @ batch.documents.T
        if self._settings.contrastive == "margin":
            return margin_loss(similarities, batch.relevant, self._settings.margin)
        return in_batch_softmax(similarities / self._training.temperature, batch.relevant)

    def _of_tree(self, indexer: TreeIndexer, batch: EmbeddedBatch) -> dict[str, Tensor]:
        settings = self._settings
        scale = settings.encoder_gradient
        queries, _ = indexer.log_path(_scaled_gradient(batch.queries, scale))
        documents = indexer.log_path_of_documents(_scaled_gradient(batch.documents, scale))
        if settings.contrastive == "margin":
            similarities = path_similarities(queries, documents)
            indexing = margin_loss(similarities, batch.relevant, settings.margin)
        else:
            indexing = indexing_softmax(queries, documents, batch.relevant)
        return {
            "indexing": indexing,
            "intra_leaf": intra_leaf(batch.documents, documents, settings.similar_above),
            "balance": balance(documents, settings.height),
            "smoothing": smoothing(queries),
        }

    def _beam_search(self, indexer: TreeIndexer, encoder: Encoder, seed: int) -> SearchCorpus:
        """Return a search that sees the leaves of a query's beam, and no other documents."""

        def search(queries: Array, documents: Array, depth: int) -> Positions:
            index = TreeIndex(TreeSettings(), self._resources)
            index.build(documents, seed, indexer.router())
            beam = min(self._settings.negative_beam, self._settings.leaves)
            return index.search(queries, depth, beam).ids

        return search

    def _step(self, optimisers: list[Optimisation], losses: Mapping[str, Tensor]) -> None:
        weights = {
            "semantic": self._settings.semantic_weight,
            "indexing": self._settings.indexing_weight,
            "intra_leaf": self._settings.intra_leaf_weight,
            "balance": self._settings.balance_weight,
            "smoothing": self._settings.smoothing_weight,
        }
        torch.stack([weights[name] * loss for name, loss in losses.items()]).sum().backward()
        for optimisation in optimisers:
            optimisation.step()

    def _check(self, pairs: Pairs, corpus: Corpus) -> None:
        if len(corpus) < self._settings.branching:
            raise InputError(
                f"ehi.branching is {self._settings.branching} but the corpus has {len(corpus)} "
                "documents; --set ehi.branching to fewer"
            )
        if not len(pairs):
            raise InputError("ehi learns its tree from train queries, and the dataset has none")
        if self._settings.joint_from >= self._training.epochs:
            raise InputError(
                f"ehi.joint_from is {self._settings.joint_from}, but training.epochs is "
                f"{self._training.epochs}: the tree would never be trained"
            )


def _scaled_gradient(vectors: Tensor, scale: float) -> Tensor:
    """Return the vectors themselves, with their gradient multiplied by `scale`."""
    return scale * vectors + (1 - scale) * vectors.detach()
