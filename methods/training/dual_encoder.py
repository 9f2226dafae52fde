"""The trainer of every two-stage method: contrastive training of the encoder alone."""

from itertools import islice

import torch

from methods.base import Corpus, Pairs, Resources
from methods.encoder.encoder import Encoder
from methods.settings import NoSettings, TrainingSettings
from methods.trainer import Trained, Trainer
from methods.training.checkpoint import Checkpoint, RandomState, training_cache_key
from methods.training.contrastive import in_batch_softmax
from methods.training.negatives import HardNegatives, exact_search
from methods.training.optimisation import Optimisation
from methods.training.sampling import Batches
from methods.training.state import TrainingState


class DualEncoderTrainer(Trainer):
    """In-batch softmax with a temperature; other relevant documents are no negatives."""

    def __init__(
        self, training: TrainingSettings, settings: NoSettings, resources: Resources
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
        batches = Batches(pairs, training.batch_size, seed)
        steps = training.epochs * len(batches)
        optimisation = Optimisation(groups, training, steps)
        embed_queries = encoder.trainable_view(pairs.queries, "query")
        embed_documents = encoder.trainable_view(corpus.texts, "document")

        negatives = HardNegatives(training, encoder, pairs, corpus)
        state = TrainingState()
        checkpoint = Checkpoint(
            self._resources,
            training,
            training_cache_key(
                "dual_encoder", training, self._settings, encoder, pairs, corpus, seed
            ),
            state,
            {
                "encoder": encoder,
                "optimisation": optimisation,
                "negatives": negatives,
                "random": RandomState(),
            },
        )
        checkpoint.resume()
        with self._resources.progress("Training the dual encoder", steps) as advance:
            advance(state.steps)
            for epoch in range(state.epoch, training.epochs):
                if not state.done:
                    state.note(negatives.refresh(epoch, exact_search))
                of_epoch = batches.epoch(epoch, negatives.found, training.hard_negatives)
                for batch in islice(of_epoch, state.done, None):
                    queries = embed_queries(batch.queries)
                    documents = embed_documents(batch.documents)
                    relevant = torch.from_numpy(batch.relevant).to(encoder.device)
                    logits = queries @ documents.T / training.temperature
                    loss = in_batch_softmax(logits, relevant)
                    loss.backward()
                    optimisation.step()
                    state.add({"semantic": loss})
                    checkpoint.save_if_due()
                    advance()
                state.end_epoch(optimisation.learning_rates())
        return Trained(
            encoder,
            None,
            seed,
            encoder_updates=optimisation.updates,
            history=state.history,
            earlier_seconds=state.earlier_seconds,
        )
