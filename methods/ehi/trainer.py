"""The joint training of encoder and indexer, read from top to bottom."""

from collections import ChainMap
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from methods.base import Array, Corpus, Pairs, Positions, Resources, Router
from methods.ehi.indexer import TreeIndexer
from methods.ehi.objective import Objective
from methods.ehi.settings import EhiSettings, TreeSettings
from methods.ehi.split_routers import EvidenceRouter, load_router
from methods.ehi.transferred_pairs import EmbeddedBatch, with_transferred
from methods.ehi.tree_index import TreeIndex
from methods.ehi.warm_start import start_from_kmeans
from methods.encoder.encoder import Encoder
from methods.errors import InputError
from methods.settings import TrainingSettings
from methods.trainer import Trained, Trainer
from methods.training.checkpoint import Checkpoint, RandomState, training_cache_key
from methods.training.negatives import HardNegatives, SearchCorpus, exact_search
from methods.training.optimisation import Optimisation
from methods.training.sampling import Batches
from methods.training.state import TrainingState


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
        embed_queries = encoder.trainable_view(pairs.queries, "query")
        embed_documents = encoder.trainable_view(corpus.texts, "document")
        indexer = self._new_indexer(encoder.profile.dimensions).to(encoder.device)
        objective = Objective(training, settings)
        groups = encoder.parameter_groups(training)
        steps = training.epochs * len(batches)
        of_encoder = [Optimisation(groups, training, steps)] if groups else []
        joint_steps = steps - settings.joint_from * len(batches)
        tree_groups = indexer.parameter_groups(settings.indexer_learning_rate)
        of_tree = Optimisation(tree_groups, training, joint_steps)

        negatives = HardNegatives(training, encoder, pairs, corpus)
        # Before the tree joins, a frozen encoder has nothing to do.
        first_epoch = 0 if of_encoder else settings.joint_from
        state = TrainingState(first_epoch)
        checkpoint = Checkpoint(
            self._resources,
            training,
            training_cache_key(
                type(self).__name__, training, settings, encoder, pairs, corpus, seed
            ),
            state,
            {
                "encoder": encoder,
                "indexer": indexer,
                **{f"optimisation_{i}": each for i, each in enumerate([*of_encoder, of_tree])},
                "negatives": negatives,
                "random": RandomState(random),
            },
        )
        checkpoint.resume()
        todo = (training.epochs - first_epoch) * len(batches)
        with self._resources.progress("Training EHI", todo) as advance:
            advance(state.steps)
            for epoch in range(state.epoch, training.epochs):
                has_tree = epoch >= settings.joint_from
                optimisations = [*of_encoder, of_tree] if has_tree else of_encoder
                if not state.done:
                    if epoch == settings.joint_from:
                        self._start(indexer, encoder, corpus, seed)
                    search = self._beam_search(indexer, seed) if has_tree else exact_search
                    state.note(negatives.refresh(epoch, search))
                of_epoch = batches.epoch(epoch, negatives.found, training.hard_negatives)
                for batch in islice(of_epoch, state.done, None):
                    embedded = EmbeddedBatch(
                        embed_queries(batch.queries),
                        embed_documents(batch.documents),
                        torch.from_numpy(batch.relevant).to(encoder.device),
                    )
                    losses = objective.encoder_losses(embedded)
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
                        losses |= objective.tree_losses(indexer, for_tree)
                    if optimisations:
                        objective.total(losses).backward()
                    for optimisation in optimisations:
                        optimisation.step()
                    state.add(losses)
                    checkpoint.save_if_due()
                    advance()
                rates = [optimisation.learning_rates() for optimisation in optimisations]
                state.end_epoch(dict(ChainMap(*rates)))
        updates = of_encoder[0].updates if of_encoder else 0
        return Trained(
            encoder,
            self._router(indexer, encoder, pairs),
            seed,
            updates,
            state.history,
            earlier_seconds=state.earlier_seconds,
        )

    @staticmethod
    def load_router(path: Path) -> Router:
        """Read the weights of a tree, and what documents are placed by, if not by the tree."""
        return load_router(path)

    def _router(self, indexer: TreeIndexer, encoder: Encoder, pairs: Pairs) -> Router:
        if self._settings.placement == "evidence":
            return EvidenceRouter(indexer.tree(), encoder.embeddings(pairs.queries, "query"))
        return indexer.router()

    def _new_indexer(self, dimensions: int) -> TreeIndexer:
        return TreeIndexer(dimensions, self._settings)

    def _start(self, indexer: TreeIndexer, encoder: Encoder, corpus: Corpus, seed: int) -> None:
        if self._settings.warm_start == "kmeans":
            with self._resources.progress("Starting the tree from k-means", 1):
                start_from_kmeans(indexer, encoder.embeddings(corpus.texts, "document"), seed)

    def _beam_search(self, indexer: TreeIndexer, seed: int) -> SearchCorpus:
        """Return a search that sees the leaves of a query's beam, and no other documents."""

        def search(queries: Array, documents: Array, depth: int) -> Positions:
            beam = min(self._settings.negative_beam, self._settings.leaves)
            return self._index(indexer, documents, seed).search(queries, depth, beam).ids

        return search

    def _index(self, indexer: TreeIndexer, documents: Array, seed: int) -> TreeIndex:
        index = TreeIndex(TreeSettings(), self._resources)
        index.build(documents, seed, indexer.router())
        return index

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
