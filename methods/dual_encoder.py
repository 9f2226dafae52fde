"""The trainer of every two-stage method: contrastive training of the encoder alone."""

import torch

from methods.base import Corpus, Pairs, Resources, Trained, Trainer
from methods.contrastive import in_batch_softmax
from methods.encoder import Encoder
from methods.negatives import HardNegatives, exact_search
from methods.optimisation import Optimisation, finite_loss
from methods.sampling import Batches
from methods.settings import NoSettings, TrainingSettings


class DualEncoderTrainer(Trainer):
    """In-batch softmax with a temperature; other relevant documents are no negatives."""

    def __init__(
        self, training: TrainingSettings, settings: NoSettings, resources: Resources
    ) -> None:
        self._training = training
        self._resources = resources

    def fit(self, encoder: Encoder, pairs: Pairs, corpus: Corpus, seed: int) -> Trained:
        """Train the encoder; a frozen one is returned as it is."""
        groups = encoder.parameter_groups(self._training)
        if not groups:
            return Trained(encoder, None, seed, encoder_updates=0, history=())
        torch.manual_seed(seed)
        batches = Batches(pairs, self._training.batch_size, seed)
        steps = self._training.epochs * len(batches)
        optimisation = Optimisation(groups, self._training, steps)
        embed_queries = encoder.trainable_view(pairs.queries, "query")
        embed_documents = encoder.trainable_view(corpus.texts, "document")

        negatives = HardNegatives(self._training, encoder, pairs, corpus)
        history = []
        with self._resources.progress("Training the dual encoder", steps) as advance:
            for epoch in range(self._training.epochs):
                cost = negatives.refresh(epoch, exact_search)
                losses = []
                for batch in batches.epoch(epoch, negatives.found, self._training.hard_negatives):
                    queries = embed_queries(batch.queries)
                    documents = embed_documents(batch.documents)
                    relevant = torch.from_numpy(batch.relevant).to(encoder.device)
                    logits = queries @ documents.T / self._training.temperature
                    loss = in_batch_softmax(logits, relevant)
                    loss.backward()
                    optimisation.step()
                    losses.append(loss.detach())
                    advance()
                semantic = finite_loss(float(torch.stack(losses).mean()), epoch)
                history.append({"epoch": epoch, "semantic": semantic, **cost})
        return Trained(encoder, None, seed, encoder_updates=optimisation.updates, history=history)
