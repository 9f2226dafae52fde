"""The training loop of every method: sample a batch, embed it, step down its losses, save, log."""

import logging
import math
from collections.abc import Mapping, Sequence
from typing import Protocol

from torch import Tensor

from methods.base import Resources
from methods.prefetch import Prefetch
from methods.settings import TrainingSettings
from methods.training.batches import Batch, Batches
from methods.training.checkpoint import Checkpoint, Stateful
from methods.training.data import EmbeddedBatch, TrainingData
from methods.training.negative_mining import HardNegatives, SearchCorpus
from methods.training.optimisation import Optimisation
from methods.training.state import TrainingState

LOG = logging.getLogger(__name__)
LOGGED_EPOCHS = 10
"""At most this many epochs log a line: each line reaches the user's terminal during a run."""


class Learner(Protocol):
    """What the loop trains: the losses of a batch, and the optimisers that lower them.

    `first_epoch` is the first epoch in which anything learns.
    """

    first_epoch: int

    def start_epoch(self, epoch: int) -> None:
        """Initialise what joins the training in this epoch."""
        ...

    def optimisers(self, epoch: int) -> Sequence[Optimisation]:
        """Return the optimisers of everything that learns in this epoch."""
        ...

    def search(self, epoch: int) -> SearchCorpus | None:
        """Return the search that finds the hard negatives of this epoch; None if there are none."""
        ...

    def losses(self, epoch: int, batch: Batch, embedded: EmbeddedBatch) -> dict[str, Tensor]:
        """Return the losses of a batch by name."""
        ...

    def total(self, losses: Mapping[str, Tensor]) -> Tensor:
        """Return the weighted sum of the losses."""
        ...

    def checkpoint_parts(self) -> Mapping[str, Stateful]:
        """Return by name what a checkpoint keeps besides the encoder and the hard negatives."""
        ...


def train(
    name: str,
    learner: Learner,
    data: TrainingData,
    batches: Batches,
    training: TrainingSettings,
    resources: Resources,
    cache_key: str,
) -> TrainingState:
    """Train `learner` to the last epoch, from its checkpoint if there is one.

    Args:
        name: What is trained, for the progress bar.
        learner: The losses and optimisers.
        data: The pairs and the corpus, with the encoder that embeds them.
        batches: The batches of each epoch.
        training: The number of epochs, and the hard negatives of each query.
        resources: The progress bar, the tracker, and the folder of the checkpoint.
        cache_key: Names the training; a checkpoint with another key is ignored.

    Returns:
        The state after the last epoch, with one row of history per epoch.

    Raises:
        InputError: If a loss is not finite at the end of an epoch.
    """
    negatives = HardNegatives(training, data.encoder, data.pairs, data.corpus)
    state = TrainingState(learner.first_epoch)
    parts = {"encoder": data.encoder, **learner.checkpoint_parts(), "negatives": negatives}
    checkpoint = Checkpoint(resources, training, cache_key, state, parts)
    checkpoint.resume()
    epochs = training.epochs - learner.first_epoch
    log_every = math.ceil(epochs / LOGGED_EPOCHS)

    threaded = data.encoder.device != "cpu"
    bar = resources.progress(f"Training {name}", epochs * len(batches))
    tracker = resources.tracker(state.steps)
    with bar as advance, tracker as log_epoch, Prefetch(threaded) as prefetch:
        advance(state.steps)  # those of earlier processes
        for epoch in range(state.epoch, training.epochs):
            optimisers = learner.optimisers(epoch)

            # Let new parts join, and search the corpus as it is embedded now for hard negatives.
            if state.at_epoch_start:  # false when resuming in the middle of an epoch
                learner.start_epoch(epoch)
                if (search := learner.search(epoch)) is not None:
                    state.note(negatives.refresh(epoch, search))

            sampled = batches.epoch(epoch, negatives.candidates, training.hard_negatives)
            for prepared in prefetch.map(data.prepare, state.remaining(sampled)):
                # Forward: embed the batch and compute every loss on it.
                losses = learner.losses(epoch, prepared.batch, data.embed(prepared))

                # Backward: gradients of the weighted sum for everything that learns.
                learner.total(losses).backward()

                # Update: each optimiser sets its learning rates, clips, steps and clears gradients.
                for optimiser in optimisers:
                    optimiser.step()

                # Bookkeeping: sum up the losses, save a checkpoint now and then, move the bar.
                state.record(losses)
                checkpoint.save_if_due()
                advance()

            # Log mean losses and learning rates; counted from the end, so the last is logged.
            summary = state.end_epoch(optimisers)
            log_epoch(state.history[-1], state.steps)
            if (training.epochs - epoch - 1) % log_every == 0:
                LOG.info("epoch %d of %d: %s", epoch + 1, training.epochs, summary)
    return state
