from typing import Any

import numpy as np

from harness.datasets.dataset import Dataset
from methods.training.data import TrainingData
from methods.training.sampling import Batch

BATCH = Batch(np.array([2, 0]), np.array([5, 7, 1]), np.array([[1, 0, 0], [0, 1, 1]], dtype=bool))


def test_a_batch_is_embedded_as_the_encoder_embeds_its_texts(
    tiny_dataset: Dataset, new_encoder: Any
):
    encoder, pairs, corpus = new_encoder(), tiny_dataset.train().pairs(), tiny_dataset.corpus
    embedded = TrainingData(encoder, pairs, corpus).embed(BATCH)
    queries = encoder.embeddings(pairs.queries, "query")[[2, 0]]
    documents = encoder.embeddings(corpus.texts, "document")[[5, 7, 1]]
    assert np.allclose(embedded.queries.detach(), queries, atol=1e-6)
    assert np.allclose(embedded.documents.detach(), documents, atol=1e-6)
    assert embedded.relevant.tolist() == BATCH.relevant.tolist()


def test_gradient_flows_from_a_batch_to_the_encoder(tiny_dataset: Dataset, new_encoder: Any):
    encoder, pairs, corpus = new_encoder(), tiny_dataset.train().pairs(), tiny_dataset.corpus
    embedded = TrainingData(encoder, pairs, corpus).embed(BATCH)
    embedded.documents[0, 0].backward()
    assert encoder.head.weight.grad.abs().sum() > 0
