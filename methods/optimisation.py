"""The optimiser and schedule that every trainer of a run uses."""

import math
from typing import Any

import torch

from methods.errors import InputError
from methods.settings import TrainingSettings


class Optimisation:
    """AdamW over parameter groups with clipped gradients, linear warm-up and linear decay to 0."""

    def __init__(
        self, groups: list[dict[str, Any]], training: TrainingSettings, steps: int
    ) -> None:
        warm = max(1, round(training.warmup * steps))

        def factor(step: int) -> float:
            return min((step + 1) / warm, (steps - step) / max(1, steps - warm))

        self._optimiser = torch.optim.AdamW(groups, weight_decay=training.weight_decay)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimiser, factor)
        self._parameters = [parameter for group in groups for parameter in group["params"]]
        self._clip_norm = training.clip_norm
        self.updates = 0

    def step(self) -> None:
        """Apply the gradients that have gathered, and clear them."""
        torch.nn.utils.clip_grad_norm_(self._parameters, self._clip_norm)
        self._optimiser.step()
        self._schedule.step()
        self._optimiser.zero_grad(set_to_none=True)
        self.updates += 1


def finite_loss(loss: float, epoch: int) -> float:
    """Return the loss. Raise InputError where training has diverged."""
    if not math.isfinite(loss):
        raise InputError(f"training diverged in epoch {epoch + 1}: lower the learning rates")
    return loss
