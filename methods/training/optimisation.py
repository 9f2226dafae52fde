"""The optimiser and the learning rate schedule of every trainer."""

from collections.abc import Mapping
from typing import Any

import torch

from methods.ranks import average_gradients
from methods.settings import TrainingSettings


class Optimisation:
    """AdamW with clipped gradients, linear warm-up and linear decay to 0 over `steps` steps.

    Each parameter group has a `name`, its `params` and its peak learning rate `lr`, which it
    reaches at the end of the warm-up.
    """

    def __init__(
        self, groups: list[dict[str, Any]], training: TrainingSettings, steps: int
    ) -> None:
        self._optimiser = torch.optim.AdamW(groups, weight_decay=training.weight_decay)
        self._peaks = {group["name"]: group["lr"] for group in groups}
        self._parameters = [parameter for group in groups for parameter in group["params"]]
        self._clip_norm = training.clip_norm
        self._steps = steps
        self._warmup_steps = max(1, round(training.warmup * steps))
        self.updates = 0

    def step(self) -> None:
        """Set the learning rates, clip the accumulated gradients, apply them and clear them."""
        for group in self._optimiser.param_groups:
            group["lr"] = self._rate(group["name"], self.updates)
        average_gradients(self._parameters)
        torch.nn.utils.clip_grad_norm_(self._parameters, self._clip_norm)
        self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)
        self.updates += 1

    def learning_rates(self) -> dict[str, float]:
        """Return by group the learning rate of the last step, or of the first before any step."""
        last = max(0, self.updates - 1)
        return {name: self._rate(name, last) for name in self._peaks}

    def state_dict(self) -> dict[str, Any]:
        """Return the number of updates and AdamW's moments of each parameter, for a checkpoint."""
        moments = self._optimiser.state_dict()["state"]
        return {
            "updates": self.updates,
            **{
                f"{parameter}.{name}": value
                for parameter, values in moments.items()
                for name, value in values.items()
            },
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from what `state_dict` returned."""
        self.updates = state["updates"]
        moments: dict[int, dict[str, Any]] = {}
        for key, value in state.items():
            parameter, dot, name = key.partition(".")
            if dot:
                moments.setdefault(int(parameter), {})[name] = value
        groups = self._optimiser.state_dict()["param_groups"]
        self._optimiser.load_state_dict({"state": moments, "param_groups": groups})

    def _rate(self, name: str, step: int) -> float:
        rising = (step + 1) / self._warmup_steps
        falling = (self._steps - step) / max(1, self._steps - self._warmup_steps)
        return float(self._peaks[name] * min(rising, falling))
