"""The best state is what training gives, and patience ends it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from methods.base import Pairs
from methods.early_stopping import QUALITY, EarlyStopping
from methods.errors import InputError
from methods.settings import TrainingSettings
from methods.texts import Texts

TRAINING = TrainingSettings(epochs=10, patience=2)
TUNING = Pairs(Texts(["fever"]), np.array([0, 1]), np.array([0]))


def judged(
    training: TrainingSettings, qualities: list[float]
) -> tuple[EarlyStopping, torch.nn.Linear, list[int]]:
    """Return what is left when each epoch sets the weight to its number and has a quality."""
    weight = torch.nn.Linear(1, 1, bias=False)
    stopping = EarlyStopping(training, TUNING, {"weight": weight})
    rows = []
    for epoch in range(training.epochs):
        torch.nn.init.constant_(weight.weight, epoch)
        quality = {QUALITY: qualities[epoch]}
        row = stopping.evaluate(epoch, 100 * (epoch + 1), lambda _, found=quality: found)
        rows += [epoch] if row else []
        if stopping.over:
            break
    return stopping, weight, rows


def test_it_stops_after_patience_and_gives_the_best_state():
    stopping, weight, rows = judged(TRAINING, [0.1, 0.3, 0.2, 0.4, 0.4, 0.3, 0.9])
    assert stopping.over and rows == [0, 1, 2, 3, 4, 5]
    assert weight.weight.item() == 5
    assert stopping.restore_best(600) == 400
    assert weight.weight.item() == 3


def test_every_other_epoch_is_judged_and_always_the_last():
    stopping, weight, rows = judged(
        replace(TRAINING, evaluate_every=4), [0.1 * i for i in range(10)]
    )
    assert rows == [3, 7, 9] and not stopping.over
    assert stopping.restore_best(1000) == 1000 and weight.weight.item() == 9


def test_without_patience_nothing_is_judged():
    stopping, weight, rows = judged(replace(TRAINING, patience=0), [0.1] * 10)
    assert rows == [] and not stopping.over
    assert stopping.restore_best(1000) == 1000 and weight.weight.item() == 9


def test_what_it_knows_survives_a_kill():
    stopping, weight, _ = judged(replace(TRAINING, epochs=5), [0.1, 0.3, 0.2, 0.25, 0.0])
    other = EarlyStopping(TRAINING, TUNING, {"weight": weight})
    other.load_state_dict(stopping.state_dict())
    assert other.over and other.restore_best(0) == 200 and weight.weight.item() == 1


@pytest.mark.parametrize("tuning", [None, Pairs(Texts(), np.zeros(1, int), np.zeros(0, int))])
def test_without_tuning_queries_it_is_refused(tuning: Pairs | None):
    with pytest.raises(InputError, match="there are no tuning queries"):
        EarlyStopping(TRAINING, tuning, {})
    EarlyStopping(replace(TRAINING, patience=0), tuning, {})
