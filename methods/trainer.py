"""The interface of trainers: each learns an encoder from pairs, and EHI's a tree as well."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from methods.base import Corpus, Pairs, Router
from methods.encoder.encoder import Encoder


@dataclass(frozen=True)
class Trained:
    """What a trainer learned.

    `history` holds one row an epoch, for training curves; `encoder_updates` is the
    number of optimiser steps the encoder saw, equal for all methods of a fair run.
    `earlier_seconds` are those of the processes before, where training was taken up.
    """

    encoder: Encoder
    router: Router | None
    seed: int
    encoder_updates: int
    history: Sequence[Mapping[str, float]]
    earlier_seconds: float = 0.0


class Trainer(ABC):
    """Learns from pairs. All trainers of a run see the same pairs, batches and updates."""

    @abstractmethod
    def fit(self, encoder: Encoder, pairs: Pairs, corpus: Corpus, seed: int) -> Trained:
        """Train `encoder` in place, and whatever else the method learns."""

    @staticmethod
    def load_router(path: Path) -> Router:
        """Read the router that `fit` returned and that was saved at `path`."""
        raise NotImplementedError("a trainer that returns a router says how it is read")
