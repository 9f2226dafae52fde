import json

import pytest
import torch

from methods.errors import InputError
from methods.settings import TrainingSettings
from methods.training.optimisation import Optimisation
from methods.training.state import TrainingState


def optimiser(name: str, rate: float) -> Optimisation:
    groups = [{"name": name, "params": [torch.nn.Parameter(torch.zeros(1))], "lr": rate}]
    return Optimisation(groups, TrainingSettings(warmup=0), 10)


def record(state: TrainingState, *losses: float) -> None:
    for loss in losses:
        state.record({"semantic": torch.tensor(loss)})


def test_a_history_row_holds_mean_losses_rates_and_notes():
    state = TrainingState()
    state.note({"refresh_seconds": 0.5})
    record(state, 1.0, 2.0, 6.0)
    line = state.end_epoch([optimiser("head", 0.25)])
    (row,) = state.history
    assert row.pop("seconds") > 0
    assert row == {
        "epoch": 0,
        "semantic": 3.0,
        "head_learning_rate": 0.25,
        "refresh_seconds": 0.5,
    }
    assert line.startswith("semantic 3; learning rates: head 0.25; ")


def test_the_next_epoch_starts_from_zero():
    state = TrainingState()
    record(state, 1.0)
    state.end_epoch([])
    assert state.at_epoch_start and state.epoch == 1 and state.steps == 1
    record(state, 5.0)
    assert not state.at_epoch_start
    state.end_epoch([])
    assert [row["semantic"] for row in state.history] == [1.0, 5.0]


def test_rates_of_all_optimisers_are_in_the_row():
    state = TrainingState()
    record(state, 1.0)
    state.end_epoch([optimiser("indexer", 0.5), optimiser("head", 0.25)])
    assert list(state.history[0])[2:4] == ["indexer_learning_rate", "head_learning_rate"]


def test_training_that_diverges_names_the_epoch_and_the_loss():
    state = TrainingState(first_epoch=2)
    record(state, 1.0, float("nan"))
    with pytest.raises(InputError, match=r"diverged in epoch 3: .* semantic nan; lower"):
        state.end_epoch([])


def test_a_restored_state_skips_the_batches_that_are_done():
    state = TrainingState()
    record(state, 1.0)
    state.end_epoch([])
    record(state, 2.0, 4.0)
    restored = TrainingState()
    restored.load_state_dict(state.state_dict())
    assert list(restored.remaining("abcd")) == ["c", "d"]
    record(restored, 6.0)
    restored.end_epoch([])
    assert [row["semantic"] for row in restored.history] == [1.0, 4.0]
    assert restored.steps == 4 and restored.earlier_seconds > 0


def test_the_keys_in_a_checkpoint_stay_as_earlier_versions_wrote_them():
    state = TrainingState()
    record(state, 2.0)
    values = state.state_dict()
    assert float(values.pop("sum.semantic")) == 2.0
    assert json.loads(json.dumps(values)).keys() == {
        "epoch",
        "done",
        "steps",
        "history",
        "noted",
        "seconds",
        "epoch_began",
        "losses",
    }
