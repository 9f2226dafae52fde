"""Early stopping: the state that is best on tuning queries is kept, and training may end."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

from methods.base import Pairs
from methods.checkpoint import Stateful, copied_tensors
from methods.errors import InputError
from methods.settings import TrainingSettings

QUALITY = "tuning_ndcg_10"
DEPTH = 10

Judge = Callable[[Pairs], Mapping[str, float]]
"""Measures QUALITY on tuning queries, and says what else the row of the epoch shall hold."""


class EarlyStopping:
    """Judges every `evaluate_every` epochs and keeps the best state of some parts.

    `over` says whether `patience` evaluations in a row were no better. Without patience
    nothing is judged and the last state is the one that counts.
    """

    def __init__(
        self, training: TrainingSettings, tuning: Pairs | None, parts: Mapping[str, Stateful]
    ) -> None:
        """Raise InputError where there are no tuning queries to judge by."""
        if training.patience and not tuning:
            raise InputError(
                f"training.patience is {training.patience}, but there are no tuning queries; "
                "--set training.patience=0"
            )
        self._training = training
        self._tuning = tuning
        self._parts = parts
        self._best_quality = -1.0
        self._best_updates = 0
        self._since_best = 0
        self._best: dict[str, Tensor] = {}

    @property
    def over(self) -> bool:
        """Whether training has gone on for long enough without getting better."""
        return 0 < self._training.patience <= self._since_best

    def evaluate(self, epoch: int, updates: int, judge: Judge) -> dict[str, float]:
        """Judge the state after an epoch, if that is due; return what its row shall hold.

        The last epoch is always due. `updates` are those the encoder has seen.
        """
        training = self._training
        due = (epoch + 1) % training.evaluate_every == 0 or epoch + 1 == training.epochs
        if not training.patience or self._tuning is None or not due:
            return {}
        started = time.perf_counter()
        judged = judge(self._tuning)
        self._since_best += 1
        if judged[QUALITY] > self._best_quality:
            self._best_quality, self._best_updates = judged[QUALITY], updates
            self._since_best = 0
            self._best = {
                f"{part}/{name}": tensor
                for part, stateful in self._parts.items()
                for name, tensor in copied_tensors(stateful.state_dict()).items()
            }
        return {**judged, "evaluation_seconds": time.perf_counter() - started}

    def restore_best(self, updates: int) -> int:
        """Put the best state back and return the updates its encoder saw.

        Where nothing was judged it is the last state, after `updates`.
        """
        if not self._best:
            return updates
        for part, stateful in self._parts.items():
            prefix = f"{part}/"
            own = {n.removeprefix(prefix): t for n, t in self._best.items() if n.startswith(prefix)}
            stateful.load_state_dict(own)
        return self._best_updates

    def state_dict(self) -> dict[str, Any]:
        """Return the best state and how long ago it was, for a checkpoint."""
        return {
            "best_quality": self._best_quality,
            "best_updates": self._best_updates,
            "since_best": self._since_best,
            **self._best,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        self._best_quality, self._best_updates = state["best_quality"], state["best_updates"]
        self._since_best = state["since_best"]
        self._best = {name: value for name, value in state.items() if isinstance(value, Tensor)}
