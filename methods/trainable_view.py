"""How a trainer embeds texts by their positions: what any thread can prepare, then the rest."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from methods.base import Positions

EmbedBatch = Callable[[Positions], Tensor]
"""Embeds the texts at some positions, with gradient if the encoder is trained."""


@dataclass(frozen=True)
class TrainableView:
    """Embeds the texts at some positions, with gradient if the encoder is trained.

    `prepare` takes positions and returns what `embed` needs of them on the device, which turns it
    into E(x) (positions, dimensions). `prepare` computes no gradient and draws no random numbers,
    so that a thread can do it ahead.
    """

    embed: Callable[[Any], Tensor]
    prepare: Callable[[Positions], Any] = lambda positions: positions

    def __call__(self, positions: Positions) -> Tensor:
        """Return E(x) of the texts at `positions`."""
        return self.embed(self.prepare(positions))
