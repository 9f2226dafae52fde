"""The optimiser and schedule that every trainer of a run uses."""

from collections.abc import Mapping
from typing import Any

import torch

from methods.settings import TrainingSettings


class Optimisation:
    """AdamW over parameter groups with clipped gradients, linear warm-up and linear decay to 0.

    A group has a `name`, its `params` and its learning rate `lr` at the end of the warm-up.
    """

    def __init__(
        self, groups: list[dict[str, Any]], training: TrainingSettings, steps: int
    ) -> None:
        self._optimiser = torch.optim.AdamW(groups, weight_decay=training.weight_decay)
        self._peaks = {group["name"]: group["lr"] for group in groups}
        self._parameters = [parameter for group in groups for parameter in group["params"]]
        self._clip_norm = training.clip_norm
        self._steps = steps
        self._warm = max(1, round(training.warmup * steps))
        self.updates = 0

    def step(self) -> None:
        """Apply the gradients that have gathered, and clear them."""
        for group in self._optimiser.param_groups:
            group["lr"] = self._rate(group["name"], self.updates)
        torch.nn.utils.clip_grad_norm_(self._parameters, self._clip_norm)
        self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)
        self.updates += 1

    def learning_rates(self) -> dict[str, float]:
        """Return the learning rate of each group, as the last step used it."""
        last = max(0, self.updates - 1)
        return {f"{name}_learning_rate": self._rate(name, last) for name in self._peaks}

    def state_dict(self) -> dict[str, Any]:
        """Return the updates and AdamW's moments of each parameter, for a checkpoint."""
        moments = self._optimiser.state_dict()["state"]
        return {
            "updates": self.updates,
            **{
                f"{p}.{name}": value
                for p, of_one in moments.items()
                for name, value in of_one.items()
            },
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        self.updates = state["updates"]
        moments: dict[int, dict[str, Any]] = {}
        for key, value in state.items():
            parameter, dot, name = key.partition(".")
            if dot:
                moments.setdefault(int(parameter), {})[name] = value
        groups = self._optimiser.state_dict()["param_groups"]
        self._optimiser.load_state_dict({"state": moments, "param_groups": groups})

    def _rate(self, name: str, step: int) -> float:
        rising = (step + 1) / self._warm
        falling = (self._steps - step) / max(1, self._steps - self._warm)
        return float(self._peaks[name] * min(rising, falling))
