import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from harness.datasets.dataset import Dataset
from methods.settings import TrainingSettings
from methods.training.batches import Batch
from methods.training.data import EmbeddedBatch
from methods.training.dual_encoder import DualEncoderLearner
from methods.training.optimisation import Optimisation
from methods.training.settings import DualEncoderSettings

TRAINING = TrainingSettings(epochs=4, batch_size=32, transformer_learning_rate=1e-3)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        # Each query scores 1 / 0.5 = 2 with its own document and 0 with the other.
        (DualEncoderSettings(), math.log(1 + math.exp(-2))),
        # The other document is 1 below its own: 0.2 too near.
        (DualEncoderSettings("margin", 1.2), 0.2),
    ],
)
def test_the_loss_is_a_softmax_at_the_temperature_or_a_margin(
    settings: DualEncoderSettings, expected: float
):
    weight = torch.nn.Parameter(torch.eye(2))
    groups = [{"name": "head", "params": [weight], "lr": 0.1}]
    learner = DualEncoderLearner(Optimisation(groups, TRAINING, 1), 0.5, settings)
    batch = Batch(np.arange(2), np.arange(2), np.eye(2, dtype=bool))
    documents = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    embedded = EmbeddedBatch(documents @ weight, documents, torch.eye(2, dtype=torch.bool))
    losses = learner.losses(0, batch, embedded)
    assert losses["semantic"].item() == pytest.approx(expected)
    assert learner.total(losses) is losses["semantic"]


@pytest.mark.parametrize("train", ["head", "full"])
def test_training_lowers_the_semantic_loss(fit_dual_encoder: Any, train: str):
    losses = [row["semantic"] for row in fit_dual_encoder(train).history]
    assert len(losses) == 4 and losses[-1] < losses[0]


def test_a_frozen_encoder_is_returned_without_training(fit_dual_encoder: Any):
    trained = fit_dual_encoder("frozen")
    assert trained.encoder_updates == 0 and trained.router is None and len(trained.history) == 0


def test_hard_negatives_change_the_encoder(fit_dual_encoder: Any, tiny_dataset: Dataset):
    with_hard = replace(TRAINING, hard_negatives=2, refresh_every=2)
    texts = tiny_dataset.corpus.texts
    plain = fit_dual_encoder().encoder.embeddings(texts, "document")
    hard = fit_dual_encoder(training=with_hard).encoder.embeddings(texts, "document")
    assert np.abs(hard - plain).max() > 1e-3
