"""The loop with real learners: what it updates, records, logs and reports as progress."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import torch

from harness.datasets.dataset import Dataset
from methods.base import Advance, Resources
from methods.prefetch import Prefetch
from methods.settings import TrainingSettings
from methods.training import loop
from methods.training.dual_encoder import DualEncoderTrainer
from methods.training.settings import DualEncoderSettings

TRAINING = TrainingSettings(
    epochs=4, batch_size=32, transformer_learning_rate=1e-3, hard_negatives=0
)


def logged_epochs(caplog: pytest.LogCaptureFixture) -> list[int]:
    """Return the epochs for which the loop logged a line."""
    matches = (re.match(r"epoch (\d+) of", record.getMessage()) for record in caplog.records)
    return [int(match[1]) for match in matches if match]


@pytest.mark.parametrize("train", ["head", "full"])
def test_all_methods_get_equal_encoder_updates(fit_dual_encoder: Any, fit_ehi: Any, train: str):
    assert fit_dual_encoder(train).encoder_updates == fit_ehi(train).encoder_updates > 0


def test_hard_negatives_do_not_change_the_number_of_updates(fit_dual_encoder: Any):
    with_hard = replace(TRAINING, hard_negatives=2)
    assert (
        fit_dual_encoder(training=with_hard).encoder_updates == fit_dual_encoder().encoder_updates
    )


@pytest.mark.parametrize("fit", ["fit_dual_encoder", "fit_ehi"])
def test_hard_negatives_are_searched_every_refresh_every_epochs(
    fit: str, request: pytest.FixtureRequest
):
    with_hard = replace(TRAINING, hard_negatives=2, refresh_every=2)
    history = request.getfixturevalue(fit)(training=with_hard).history
    assert [row["epoch"] for row in history if "refresh_seconds" in row] == [0, 2]


@pytest.mark.parametrize("fit", ["fit_dual_encoder", "fit_ehi"])
def test_batches_prepared_ahead_in_a_thread_train_the_same_weights(
    fit: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
):
    short = replace(TRAINING, epochs=3, hard_negatives=2, embedded_at_once=20)
    train = request.getfixturevalue(fit)
    plain = train("full", training=short).encoder.state_dict()
    monkeypatch.setattr(loop, "Prefetch", lambda threaded: Prefetch(threaded=True))  # as on a GPU
    ahead = train("full", training=short).encoder.state_dict()
    assert plain.keys() == ahead.keys()
    assert all(torch.equal(ahead[name], weights) for name, weights in plain.items())


def test_a_history_row_has_loss_learning_rate_and_seconds(fit_dual_encoder: Any):
    for row in fit_dual_encoder().history:
        assert list(row) == ["epoch", "semantic", "head_learning_rate", "seconds"]
        assert row["semantic"] > 0 and row["seconds"] > 0
        assert 0 < row["head_learning_rate"] <= 1e-3


def test_a_short_training_logs_every_epoch(fit_ehi: Any, caplog: pytest.LogCaptureFixture):
    with caplog.at_level("INFO", "methods.training.loop"):
        fit_ehi()
    assert logged_epochs(caplog) == [1, 2, 3, 4]
    first, *_, last = (record.getMessage() for record in caplog.records)
    assert re.fullmatch(
        r"epoch 1 of 4: semantic [\d.]+; learning rates: head [\d.e-]+; [\d.]+ s", first
    )
    assert re.match(r"epoch 4 of 4: semantic [\d.]+, indexing [\d.]+, balance ", last)
    assert "learning rates: indexer " in last


@pytest.mark.parametrize(
    ("epochs", "logged"),
    [(12, [2, 4, 6, 8, 10, 12]), (21, [3, 6, 9, 12, 15, 18, 21]), (11, [1, 3, 5, 7, 9, 11])],
)
def test_a_long_training_logs_at_most_ten_epochs_and_the_last(
    fit_dual_encoder: Any, caplog: pytest.LogCaptureFixture, epochs: int, logged: list[int]
):
    with caplog.at_level("INFO", "methods.training.loop"):
        fit_dual_encoder(training=TrainingSettings(epochs=epochs, batch_size=1024))
    assert logged_epochs(caplog) == logged


def test_the_progress_bar_ends_at_its_total(
    tiny_dataset: Dataset, new_encoder: Any, resources: Resources
):
    totals, steps = [], []

    @contextmanager
    def bar(description: str, total: int) -> Iterator[Advance]:
        training = description == "Training the dual encoder"
        if training:
            totals.append(total)
        yield lambda count=1: steps.append(count) if training else None

    trainer = DualEncoderTrainer(TRAINING, DualEncoderSettings(), replace(resources, progress=bar))
    trainer.fit(new_encoder(), tiny_dataset.train().pairs(), tiny_dataset.corpus, 0)
    assert totals == [sum(steps)] and sum(steps) > 0
