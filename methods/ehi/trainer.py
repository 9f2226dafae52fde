"""The joint training of encoder and indexer, read from top to bottom."""

from bisect import bisect_right
from collections import ChainMap
from collections.abc import Mapping
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from methods.base import Array, Corpus, Pairs, Positions, Resources, Trained, Trainer
from methods.checkpoint import Checkpoint, RandomState, identity
from methods.contrastive import in_batch_softmax
from methods.early_stopping import DEPTH, QUALITY, EarlyStopping
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
from methods.ndcg import ndcg
from methods.negatives import HardNegatives, SearchCorpus, exact_search
from methods.optimisation import Optimisation
from methods.sampling import Batches
from methods.settings import TrainingSettings
from methods.training_state import TrainingState


class EhiTrainer(Trainer):
    """Trains the encoder on the same batches as the dual encoder, and the tree with it."""

    def __init__(
        self, training: TrainingSettings, settings: EhiSettings, resources: Resources
    ) -> None:
        self._training = training
        self._settings = settings
        self._resources = resources

    def fit(
        self,
        encoder: Encoder,
        pairs: Pairs,
        corpus: Corpus,
        seed: int,
        tuning: Pairs | None = None,
    ) -> Trained:
        """Train encoder and indexer. A frozen encoder leaves the indexer to be trained alone."""
        training, settings = self._training, self._settings
        self._check(pairs, corpus)
        torch.manual_seed(seed)
        random = np.random.default_rng([seed, 1])
        batches = Batches(pairs, training.batch_size, seed)
        embed_queries = encoder.trainable_view(pairs.queries, "query")
        embed_documents = encoder.trainable_view(corpus.texts, "document")
        indexer = TreeIndexer(encoder.profile.dimensions, settings).to(encoder.device)
        groups = encoder.parameter_groups(training)
        steps = training.epochs * len(batches)
        of_encoder = [Optimisation(groups, training, steps)] if groups else []
        tree = {
            "name": "indexer",
            "params": list(indexer.parameters()),
            "lr": settings.indexer_learning_rate,
        }
        joint_steps = steps - settings.joint_from * len(batches)
        of_tree = Optimisation([tree], training, joint_steps)

        negatives = HardNegatives(training, encoder, pairs, corpus)
        stopping = EarlyStopping(training, tuning, {"encoder": encoder, "indexer": indexer})
        judge = partial(self._quality, indexer, encoder, corpus, seed)
        # Before the tree joins, a frozen encoder has nothing to do.
        first_epoch = 0 if of_encoder else settings.joint_from
        state = TrainingState(first_epoch)
        checkpoint = Checkpoint(
            self._resources,
            training,
            identity("ehi", training, settings, encoder, pairs, corpus, seed),
            state,
            {
                "encoder": encoder,
                "indexer": indexer,
                **{f"optimisation_{i}": each for i, each in enumerate([*of_encoder, of_tree])},
                "negatives": negatives,
                "stopping": stopping,
                "random": RandomState(random),
            },
        )
        checkpoint.take_up()
        todo = (training.epochs - first_epoch) * len(batches)
        with self._resources.progress("Training EHI", todo) as advance:
            advance(state.steps)
            for epoch in range(state.epoch, training.epochs):
                has_tree = epoch >= settings.joint_from
                optimisations = [*of_encoder, of_tree] if has_tree else of_encoder
                if not state.done:
                    if epoch == settings.joint_from and settings.warm_start == "kmeans":
                        with self._resources.progress("Starting the tree from k-means", 1):
                            documents = encoder.embeddings(corpus.texts, "document")
                            start_from_kmeans(indexer, documents, seed)
                    search = self._beam_search(indexer, seed) if has_tree else exact_search
                    state.note(negatives.refresh(epoch, search))
                of_epoch = batches.epoch(epoch, negatives.found, training.hard_negatives)
                for batch in islice(of_epoch, state.done, None):
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
                    self._step(optimisations, losses)
                    state.add(losses)
                    checkpoint.write_if_due()
                    advance()
                rates = [optimisation.rates() for optimisation in optimisations]
                row = state.end_epoch(dict(ChainMap(*rates)))
                if has_tree:
                    updates = of_encoder[0].updates if of_encoder else 0
                    row |= stopping.evaluate(epoch, updates, judge)
                if stopping.over:
                    break
        updates = stopping.restore_best(of_encoder[0].updates if of_encoder else 0)
        return Trained(
            encoder,
            indexer.router(),
            seed,
            updates,
            state.history,
            stopped_at_update=state.steps if stopping.over else None,
            earlier_seconds=state.earlier_seconds,
        )

    @staticmethod
    def load_router(path: Path) -> TreeRouter:
        """Read the weights of a tree."""
        return TreeRouter.load(path)

    def _semantic(self, batch: EmbeddedBatch) -> Tensor:
        similarities = batch.queries @ batch.documents.T
        if self._settings.contrastive == "margin":
            return margin_loss(similarities, batch.relevant, self._settings.margin)
        return in_batch_softmax(similarities / self._training.temperature, batch.relevant)

    def _of_tree(self, indexer: TreeIndexer, batch: EmbeddedBatch) -> dict[str, Tensor]:
        settings = self._settings
        scale = settings.encoder_gradient
        queries, _ = indexer.log_path(_scaled_gradient(batch.queries, scale))
        documents, _ = indexer.log_path(_scaled_gradient(batch.documents, scale))
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

    def _beam_search(self, indexer: TreeIndexer, seed: int) -> SearchCorpus:
        """Return a search that sees the leaves of a query's beam, and no other documents."""

        def search(queries: Array, documents: Array, depth: int) -> Positions:
            beam = min(self._settings.negative_beam, self._settings.leaves)
            return self._index(indexer, documents, seed).search(queries, depth, beam).ids

        return search

    def _quality(
        self, indexer: TreeIndexer, encoder: Encoder, corpus: Corpus, seed: int, tuning: Pairs
    ) -> dict[str, float]:
        """Return what the largest beam within the stopping budget finds for tuning queries."""
        queries = encoder.embeddings(tuning.queries, "query")
        index = self._index(indexer, encoder.embeddings(corpus.texts, "document"), seed)

        def visited(beam: int) -> float:
            return float(index.cost(queries, beam).visited.mean() / len(corpus))

        within = bisect_right(index.efforts(), self._training.stopping_budget, key=visited)
        beam = index.efforts()[max(0, within - 1)]
        found = index.search(queries, min(DEPTH, len(corpus)), beam).ids
        return {
            QUALITY: ndcg(found, tuning, len(corpus)),
            "tuning_beam": beam,
            "tuning_visited": visited(beam),
        }

    def _index(self, indexer: TreeIndexer, documents: Array, seed: int) -> TreeIndex:
        index = TreeIndex(TreeSettings(), self._resources)
        index.build(documents, seed, indexer.router())
        return index

    def _step(self, optimisers: list[Optimisation], losses: Mapping[str, Tensor]) -> None:
        weights = {
            "semantic": self._settings.semantic_weight,
            "indexing": self._settings.indexing_weight,
            "intra_leaf": self._settings.intra_leaf_weight,
            "balance": self._settings.balance_weight,
            "smoothing": self._settings.smoothing_weight,
        }
        # A term of no weight would send zeros backward, at the price of a gradient.
        terms = [weights[name] * loss for name, loss in losses.items() if weights[name]]
        if terms:
            torch.stack(terms).sum().backward()
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
