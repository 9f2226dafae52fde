"""Contrastive training of the encoder alone: the trainer of every two-stage method."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from methods.base import Corpus, Pairs, Resources
from methods.encoder.encoder import Encoder
from methods.settings import TrainingSettings
from methods.trainer import Trained, Trainer
from methods.training.batches import Batch, Batches
from methods.training.checkpoint import RandomState, Stateful, training_cache_key
from methods.training.contrastive import in_batch_softmax, margin_loss
from methods.training.data import EmbeddedBatch, TrainingData
from methods.training.loop import train
from methods.training.negative_mining import SearchCorpus, exact_search
from methods.training.optimisation import Optimisation
from methods.training.settings import DualEncoderSettings


class DualEncoderTrainer(Trainer):
    """Trains the encoder with a contrastive loss; see `DualEncoderLearner`."""

    def __init__(
        self, training: TrainingSettings, settings: DualEncoderSettings, resources: Resources
    ) -> None:
        self._training = training
        self._settings = settings
        self._resources = resources

    def fit(self, encoder: Encoder, pairs: Pairs, corpus: Corpus, seed: int) -> Trained:
        """Train the encoder; a frozen one is returned as it is."""
        training = self._training
        groups = encoder.parameter_groups(training)
        if not groups:
            return Trained(encoder, None, seed, encoder_updates=0, history=())
        torch.manual_seed(seed)
        data = TrainingData(encoder, pairs, corpus, training.embedded_at_once)
        batches = Batches(pairs, training.batch_size, seed)
        optimiser = Optimisation(groups, training, training.epochs * len(batches))
        learner = DualEncoderLearner(optimiser, training.temperature, self._settings)
        key = training_cache_key(
            "dual_encoder", training, self._settings, encoder, pairs, corpus, seed
        )
        state = train("the dual encoder", learner, data, batches, training, self._resources, key)
        return Trained(encoder, None, seed, optimiser.updates, state.history, state.earlier_seconds)


class DualEncoderLearner:
    """The encoder, with a softmax at a temperature or a margin; hard negatives by exact search."""

    first_epoch = 0

    def __init__(
        self, optimiser: Optimisation, temperature: float, settings: DualEncoderSettings
    ) -> None:
        self._optimiser = optimiser
        self._temperature = temperature
        self._settings = settings

    def start_epoch(self, epoch: int) -> None:
        """Do nothing: the encoder learns from the first epoch on, and nothing joins it."""

    def optimisers(self, epoch: int) -> Sequence[Optimisation]:
        """Return the encoder's optimiser."""
        return [self._optimiser]

    def search(self, epoch: int) -> SearchCorpus:
        """Return exact search."""
        return exact_search

    def losses(self, epoch: int, batch: Batch, embedded: EmbeddedBatch) -> dict[str, Tensor]:
        """Return the semantic loss, over inner products."""
        similarities = embedded.queries @ embedded.documents.T
        if self._settings.contrastive == "margin":
            loss = margin_loss(similarities, embedded.relevant, self._settings.margin)
        else:
            loss = in_batch_softmax(similarities / self._temperature, embedded.relevant)
        return {"semantic": loss}

    def total(self, losses: Mapping[str, Tensor]) -> Tensor:
        """Return the only loss."""
        return losses["semantic"]

    def checkpoint_parts(self) -> dict[str, Stateful]:
        """Return the optimiser and the random numbers that dropout draws."""
        return {"optimisation": self._optimiser, "random": RandomState()}
