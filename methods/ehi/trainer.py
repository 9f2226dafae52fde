"""Joint training of encoder and tree, or of the tree alone on a frozen encoder."""

from pathlib import Path
from typing import ClassVar

import torch

from methods.base import Corpus, Pairs, Resources, Router
from methods.ehi.learner import EhiLearner
from methods.ehi.list_router import load_router
from methods.ehi.settings import EhiSettings
from methods.encoder.encoder import Encoder
from methods.errors import InputError
from methods.settings import TrainingSettings
from methods.trainer import Trained, Trainer
from methods.training.batches import Batches
from methods.training.checkpoint import training_cache_key
from methods.training.data import TrainingData
from methods.training.loop import train


class EhiTrainer(Trainer):
    """Trains the encoder on the same batches as the dual encoder, and the tree with it."""

    learner: ClassVar[type[EhiLearner]] = EhiLearner

    def __init__(
        self, training: TrainingSettings, settings: EhiSettings, resources: Resources
    ) -> None:
        self._training = training
        self._settings = settings
        self._resources = resources

    def fit(self, encoder: Encoder, pairs: Pairs, corpus: Corpus, seed: int) -> Trained:
        """Train encoder and tree; with a frozen encoder only the tree learns.

        Raises:
            InputError: If the settings do not fit the dataset, or leave the tree untrained.
        """
        training, settings, resources = self._training, self._settings, self._resources
        self._check(pairs, corpus)
        torch.manual_seed(seed)
        data = TrainingData(encoder, pairs, corpus, training.embedded_at_once)
        batches = Batches(pairs, training.batch_size, seed)
        learner = self.learner(training, settings, resources, data, len(batches), seed)
        key = training_cache_key(
            type(self).__name__, training, settings, encoder, pairs, corpus, seed
        )
        state = train(learner.name, learner, data, batches, training, resources, key)
        return Trained(
            encoder,
            learner.router(),
            seed,
            learner.encoder_updates,
            state.history,
            state.earlier_seconds,
        )

    @staticmethod
    def load_router(path: Path) -> Router:
        """Read the tree, and whatever else assigns documents to its leaves."""
        return load_router(path)

    def _check(self, pairs: Pairs, corpus: Corpus) -> None:
        if len(corpus) < self._settings.branching:
            raise InputError(
                f"ehi.branching is {self._settings.branching}, but the corpus has only "
                f"{len(corpus)} documents; --set ehi.branching to fewer"
            )
        if not len(pairs):
            raise InputError(
                "ehi learns its tree from training queries, but the dataset has none; "
                "provide a train split, or choose methods without a tree"
            )
        if self._settings.joint_from >= self._training.epochs:
            raise InputError(
                f"ehi.joint_from is {self._settings.joint_from}, but training.epochs is "
                f"{self._training.epochs}, so the tree would never be trained; "
                "--set ehi.joint_from to an earlier epoch"
            )
