"""How far a training has come, and the history of its epochs."""

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from torch import Tensor

from methods.errors import InputError
from methods.training.optimisation import Optimisation

HistoryRow = dict[str, float]
"""One epoch: its mean losses, its last learning rates, its seconds and what was noted of it."""

Batch = TypeVar("Batch")


class TrainingState:
    """The epoch, the number of its batches that are done, and the history of earlier epochs.

    `steps` counts the batches of all epochs. `earlier_seconds` is the time that earlier processes
    spent on this training before they were stopped.
    """

    def __init__(self, first_epoch: int = 0) -> None:
        self.epoch = first_epoch
        self.batches_done = 0
        self.steps = 0
        self.history: list[HistoryRow] = []
        self.earlier_seconds = 0.0
        self._started = time.perf_counter()
        self._epoch_began = 0.0
        self._noted: HistoryRow = {}
        self._sums: dict[str, Tensor] = {}

    @property
    def seconds(self) -> float:
        """The seconds that all processes have spent on this training."""
        return self.earlier_seconds + time.perf_counter() - self._started

    @property
    def at_epoch_start(self) -> bool:
        """Whether no batch of the epoch is done."""
        return self.batches_done == 0

    def remaining(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """Skip the batches of the epoch that an earlier process has done."""
        return islice(batches, self.batches_done, None)

    def note(self, values: Mapping[str, float]) -> None:
        """Add values to the history row of this epoch."""
        self._noted |= values

    def record(self, losses: Mapping[str, Tensor]) -> None:
        """Count a batch and sum up its losses."""
        for name, loss in losses.items():
            self._sums[name] = self._sums.get(name, 0) + loss.detach()
        self.batches_done += 1
        self.steps += 1

    def end_epoch(self, optimisers: Sequence[Optimisation]) -> str:
        """Append the epoch to the history, go on to the next, and return one line about it.

        Raises:
            InputError: If a loss is not finite.
        """
        means = {name: float(total) / self.batches_done for name, total in self._sums.items()}
        if not all(map(math.isfinite, means.values())):
            raise InputError(
                f"training diverged in epoch {self.epoch + 1}: "
                f"the mean losses are {_listed(means)}; lower the learning rates"
            )
        rates = {
            name: rate
            for optimiser in optimisers
            for name, rate in optimiser.learning_rates().items()
        }
        now = self.seconds
        seconds = now - self._epoch_began
        self.history.append(
            {
                "epoch": self.epoch,
                **means,
                **{f"{name}_learning_rate": rate for name, rate in rates.items()},
                **self._noted,
                "seconds": seconds,
            }
        )
        self.epoch, self.batches_done, self._epoch_began = self.epoch + 1, 0, now
        self._noted, self._sums = {}, {}
        return f"{_listed(means)}; learning rates: {_listed(rates)}; {seconds:.1f} s"

    def state_dict(self) -> dict[str, Any]:
        """Return everything that a checkpoint keeps."""
        return {
            "epoch": self.epoch,
            "done": self.batches_done,
            "steps": self.steps,
            "history": self.history,
            "noted": self._noted,
            "seconds": self.seconds,
            "epoch_began": self._epoch_began,
            "losses": list(self._sums),
            **{f"sum.{name}": total for name, total in self._sums.items()},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from what `state_dict` returned."""
        self.epoch, self.batches_done = state["epoch"], state["done"]
        self.steps = state["steps"]
        self.history, self._noted = state["history"], state["noted"]
        self.earlier_seconds, self._epoch_began = state["seconds"], state["epoch_began"]
        self._started = time.perf_counter()
        self._sums = {name: state[f"sum.{name}"] for name in state["losses"]}


def _listed(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in values.items())
