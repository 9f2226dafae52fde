"""Warm-up, decay, clipping and the learning rate of each group, on weights of one number."""

import pytest
import torch

from methods.settings import TrainingSettings
from methods.training.optimisation import Optimisation

PLAIN = {"weight_decay": 0.0, "clip_norm": 1e9}


def stepped(rate: float, steps: int, gradient: float = 1.0, **changed: float) -> list[float]:
    """Return the value of a weight that starts at 0 after each step."""
    weight = torch.nn.Parameter(torch.zeros(1))
    groups = [{"name": "head", "params": [weight], "lr": rate}]
    optimisation = Optimisation(groups, TrainingSettings(**{**PLAIN, **changed}), steps)
    values = []
    for _step in range(steps):
        weight.grad = torch.full((1,), gradient)
        optimisation.step()
        values.append(weight.item())
    return values


def test_the_rate_rises_during_warm_up_and_decays_to_zero():
    weight = torch.nn.Parameter(torch.zeros(1))
    groups = [{"name": "head", "params": [weight], "lr": 0.4}]
    optimisation = Optimisation(groups, TrainingSettings(warmup=0.4), 10)
    rates = []
    for _step in range(10):
        weight.grad = torch.ones(1)
        optimisation.step()
        rates.append(optimisation.learning_rates()["head"])
    assert rates[:4] == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert rates[4:] == pytest.approx([0.4, 0.4 * 5 / 6, 0.4 * 4 / 6, 0.2, 0.4 * 2 / 6, 0.4 / 6])


def test_each_step_uses_the_rate_of_its_schedule():
    # With a constant gradient AdamW moves a weight by exactly the learning rate.
    values = stepped(0.4, 10, warmup=0.4)
    assert -values[0] == pytest.approx(0.1, rel=1e-4)
    assert values[2] - values[3] == pytest.approx(0.4, rel=1e-4)
    assert values[8] - values[9] == pytest.approx(0.4 / 6, rel=1e-4)


def test_each_group_has_its_own_rate():
    encoder, tree = (torch.nn.Parameter(torch.zeros(1)) for _ in range(2))
    groups = [
        {"name": "transformer", "params": [encoder], "lr": 1e-3},
        {"name": "head", "params": [tree], "lr": 1e-1},
    ]
    optimisation = Optimisation(groups, TrainingSettings(warmup=0), 10)
    encoder.grad, tree.grad = torch.ones(1), torch.ones(1)
    optimisation.step()
    assert tree.item() == pytest.approx(100 * encoder.item(), rel=1e-3) and encoder.item() < 0
    rates = optimisation.learning_rates()
    assert rates == {"transformer": 1e-3, "head": 1e-1}


def test_clipping_bounds_the_norm_over_all_parameters():
    weights = [torch.nn.Parameter(torch.zeros(1)) for _ in range(2)]
    groups = [{"name": "head", "params": weights, "lr": 1e-3}]
    optimisation = Optimisation(groups, TrainingSettings(clip_norm=0.5), 10)
    weights[0].grad, weights[1].grad = torch.tensor([30.0]), torch.tensor([40.0])
    optimisation.step()
    # AdamW's first moment is a tenth of the gradient that it got.
    moments = [float(optimisation.state_dict()[f"{i}.exp_avg"]) * 10 for i in range(2)]
    assert moments == pytest.approx([0.3, 0.4], rel=1e-3)
    assert weights[0].grad is None


def test_small_gradients_are_not_clipped():
    assert stepped(1e-3, 3, gradient=1e-3, clip_norm=1.0) == stepped(1e-3, 3, gradient=1e-3)


def test_weights_decay_without_a_gradient():
    weight = torch.nn.Parameter(torch.ones(1))
    groups = [{"name": "head", "params": [weight], "lr": 0.1}]
    optimisation = Optimisation(groups, TrainingSettings(weight_decay=0.5, warmup=0), 10)
    weight.grad = torch.zeros(1)
    optimisation.step()
    assert weight.item() == pytest.approx(1 - 0.1 * 0.5)
