"""The optimiser does what its settings say: warm-up, decay, clipping, a rate for each part."""

import pytest
import torch

from methods.settings import TrainingSettings
from methods.training.optimisation import Optimisation

PLAIN = {"weight_decay": 0.0, "clip_norm": 1e9}


def stepped(rate: float, steps: int, gradient: float = 1.0, **changed: float) -> list[float]:
    """Return where a weight that starts at 0 stands after every step."""
    weight = torch.nn.Parameter(torch.zeros(1))
    groups = [{"name": "head", "params": [weight], "lr": rate}]
    optimisation = Optimisation(groups, TrainingSettings(**{**PLAIN, **changed}), steps)
    places = []
    for _step in range(steps):
        weight.grad = torch.full((1,), gradient)
        optimisation.step()
        places.append(weight.item())
    return places


def test_the_rate_rises_through_the_warm_up_and_falls_to_nothing():
    weight = torch.nn.Parameter(torch.zeros(1))
    groups = [{"name": "head", "params": [weight], "lr": 0.4}]
    optimisation = Optimisation(groups, TrainingSettings(warmup=0.4), 10)
    rates = []
    for _step in range(10):
        weight.grad = torch.ones(1)
        optimisation.step()
        rates.append(optimisation.learning_rates()["head_learning_rate"])
    assert rates[:4] == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert rates[4:] == pytest.approx([0.4, 0.4 * 5 / 6, 0.4 * 4 / 6, 0.2, 0.4 * 2 / 6, 0.4 / 6])


def test_a_weight_moves_by_the_rate_of_the_step():
    # AdamW moves by the rate where the gradient is always the same.
    places = stepped(0.4, 10, warmup=0.4)
    assert -places[0] == pytest.approx(0.1, rel=1e-4)
    assert places[2] - places[3] == pytest.approx(0.4, rel=1e-4)
    assert places[8] - places[9] == pytest.approx(0.4 / 6, rel=1e-4)


def test_every_part_has_its_own_rate():
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
    assert rates == {"transformer_learning_rate": 1e-3, "head_learning_rate": 1e-1}


def test_clipping_bounds_the_norm_over_all_parameters():
    weights = [torch.nn.Parameter(torch.zeros(1)) for _ in range(2)]
    groups = [{"name": "head", "params": weights, "lr": 1e-3}]
    optimisation = Optimisation(groups, TrainingSettings(clip_norm=0.5), 10)
    weights[0].grad, weights[1].grad = torch.tensor([30.0]), torch.tensor([40.0])
    optimisation.step()
    # The first moment is a tenth of the gradient that AdamW was given.
    moments = [float(optimisation.state_dict()[f"{i}.exp_avg"]) * 10 for i in range(2)]
    assert moments == pytest.approx([0.3, 0.4], rel=1e-3)
    assert weights[0].grad is None


def test_small_gradients_are_not_clipped():
    assert stepped(1e-3, 3, gradient=1e-3, clip_norm=1.0) == stepped(1e-3, 3, gradient=1e-3)


def test_weights_decay_beside_the_gradient():
    weight = torch.nn.Parameter(torch.ones(1))
    groups = [{"name": "head", "params": [weight], "lr": 0.1}]
    optimisation = Optimisation(groups, TrainingSettings(weight_decay=0.5, warmup=0), 10)
    weight.grad = torch.zeros(1)
    optimisation.step()
    assert weight.item() == pytest.approx(1 - 0.1 * 0.5)
