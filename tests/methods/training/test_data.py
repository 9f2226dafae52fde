from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from harness.datasets.dataset import Dataset
from methods.trainable_view import EmbedBatch, TrainableView
from methods.training.batches import Batch
from methods.training.contrastive import in_batch_softmax
from methods.training.data import EmbeddedBatch, TrainingData, embed_in_parts

BATCH = Batch(np.array([2, 0]), np.array([5, 7, 1]), np.array([[1, 0, 0], [0, 1, 1]], dtype=bool))


def embedded_batch(data: TrainingData) -> EmbeddedBatch:
    return data.embed(data.prepare(BATCH))


def test_a_batch_is_embedded_as_the_encoder_embeds_its_texts(
    tiny_dataset: Dataset, new_encoder: Any
):
    encoder, pairs, corpus = new_encoder(), tiny_dataset.train().pairs(), tiny_dataset.corpus
    embedded = embedded_batch(TrainingData(encoder, pairs, corpus))
    queries = encoder.embeddings(pairs.queries, "query")[[2, 0]]
    documents = encoder.embeddings(corpus.texts, "document")[[5, 7, 1]]
    assert np.allclose(embedded.queries.detach(), queries, atol=1e-6)
    assert np.allclose(embedded.documents.detach(), documents, atol=1e-6)
    assert embedded.relevant.tolist() == BATCH.relevant.tolist()


def test_gradient_flows_from_a_batch_to_the_encoder(tiny_dataset: Dataset, new_encoder: Any):
    encoder, pairs, corpus = new_encoder(), tiny_dataset.train().pairs(), tiny_dataset.corpus
    embedded = embedded_batch(TrainingData(encoder, pairs, corpus))
    embedded.documents[0, 0].backward()
    assert encoder.head.weight.grad.abs().sum() > 0


def test_parts_have_the_gradient_of_the_whole_batch_in_double_precision():
    torch.manual_seed(0)
    texts = torch.randn(30, 12, dtype=torch.float64)
    network = nn.Sequential(nn.Linear(12, 8), nn.Tanh(), nn.Linear(8, 6)).double()
    batch = np.random.default_rng(0).permutation(30)[:24]
    embedded: list[int] = []

    def embed(positions: np.ndarray) -> torch.Tensor:
        embedded.append(len(positions))
        return functional.normalize(network(texts[positions]), dim=1)

    def gradient(embed_batch: EmbedBatch) -> torch.Tensor:
        """The gradient of an in-batch softmax of 12 queries and 12 documents."""
        network.zero_grad()
        vectors = embed_batch(batch)
        logits = vectors[:12] @ vectors[12:].T / 0.05
        in_batch_softmax(logits, torch.eye(12, dtype=torch.bool)).backward()
        return torch.cat([weight.grad.flatten() for weight in network.parameters()])

    whole = gradient(embed)
    assert embedded == [24]
    embedded.clear()
    parts = gradient(embed_in_parts(TrainableView(embed), at_once=5))
    assert max(embedded) == 5 and len(embedded) == 2 * 5  # forwards, and once more backwards
    assert whole.abs().max() > 0.01 and torch.allclose(parts, whole, rtol=1e-12, atol=1e-14)


def test_dropout_drops_the_same_when_a_part_is_embedded_again():
    drop = nn.Dropout(0.5)
    weight = torch.ones(1, requires_grad=True)
    view = TrainableView(lambda positions: drop(weight.expand(len(positions), 4)))
    vectors = embed_in_parts(view, at_once=2)(np.arange(6))
    vectors.square().sum().backward()
    assert weight.grad.item() == (2 * 2 * vectors.detach()).sum().item()


def test_an_encoder_learns_the_same_in_parts(tiny_dataset: Dataset, new_encoder: Any):
    pairs, corpus = tiny_dataset.train().pairs(), tiny_dataset.corpus

    def gradient(at_once: int) -> torch.Tensor:
        encoder = new_encoder("full")
        embedded = embedded_batch(TrainingData(encoder, pairs, corpus, at_once))
        logits = embedded.queries @ embedded.documents.T
        in_batch_softmax(logits, embedded.relevant).backward()
        weights = encoder.transformer.parameters()
        return torch.cat([w.grad.flatten() for w in weights if w.grad is not None])

    assert torch.allclose(gradient(1), gradient(0), atol=1e-6)
