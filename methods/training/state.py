"""Where a training stands, and the history it leaves behind."""

import math
import time
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from methods.errors import InputError

HistoryRow = dict[str, float]
"""What is known of an epoch: mean losses, learning rates, seconds, and what was judged."""


class TrainingState:
    """The epoch, the batches of it that are done, and the rows of the epochs before.

    `steps` counts the batches of all epochs; `seconds` counts on where the process before
    this one was stopped.
    """

    def __init__(self, first_epoch: int = 0) -> None:
        self.epoch = first_epoch
        self.done = 0
        self.steps = 0
        self.history: list[HistoryRow] = []
        self.earlier_seconds = 0.0
        self._started = time.perf_counter()
        self._epoch_began = 0.0
        self._noted: HistoryRow = {}
        self._sums: dict[str, Tensor] = {}

    @property
    def seconds(self) -> float:
        """The seconds of this training in all its processes."""
        return self.earlier_seconds + time.perf_counter() - self._started

    def note(self, values: Mapping[str, float]) -> None:
        """Keep what the row of this epoch shall say beside its losses."""
        self._noted |= values

    def add(self, losses: Mapping[str, Tensor]) -> None:
        """Count a batch with its losses."""
        for name, loss in losses.items():
            self._sums[name] = self._sums.get(name, 0) + loss.detach()
        self.done += 1
        self.steps += 1

    def end_epoch(self, rates: Mapping[str, float]) -> HistoryRow:
        """Add the row of the epoch to the history and return it; the next epoch begins.

        Raise InputError where training has diverged.
        """
        means = {name: float(total) / self.done for name, total in self._sums.items()}
        if not all(map(math.isfinite, means.values())):
            raise InputError(
                f"training diverged in epoch {self.epoch + 1}: lower the learning rates"
            )
        seconds = self.seconds
        row = {
            "epoch": self.epoch,
            **means,
            **rates,
            **self._noted,
            "seconds": seconds - self._epoch_began,
        }
        self.history.append(row)
        self.epoch, self.done, self._epoch_began = self.epoch + 1, 0, seconds
        self._noted, self._sums = {}, {}
        return row

    def state_dict(self) -> dict[str, Any]:
        """Return all of it, for a checkpoint."""
        return {
            "epoch": self.epoch,
            "done": self.done,
            "steps": self.steps,
            "history": self.history,
            "noted": self._noted,
            "seconds": self.seconds,
            "epoch_began": self._epoch_began,
            "losses": list(self._sums),
            **{f"sum.{name}": total for name, total in self._sums.items()},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        self.epoch, self.done, self.steps = state["epoch"], state["done"], state["steps"]
        self.history, self._noted = state["history"], state["noted"]
        self.earlier_seconds, self._epoch_began = state["seconds"], state["epoch_began"]
        self._started = time.perf_counter()
        self._sums = {name: state[f"sum.{name}"] for name in state["losses"]}
