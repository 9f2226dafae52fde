"""The interface of trainers, which learn an encoder from pairs, and for EHI a tree as well."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from methods.base import Corpus, Pairs, Router
from methods.encoder.encoder import Encoder


@dataclass(frozen=True)
class Trained:
    """The result of a training."""

    encoder: Encoder
    router: Router | None  # None unless the trainer learns a tree
    seed: int
    encoder_updates: int  # optimiser steps; equal for all methods of a fair comparison
    history: Sequence[Mapping[str, float]]  # one row per epoch, for training curves
    earlier_seconds: float = 0.0  # spent by earlier processes, if training was resumed


class Trainer(ABC):
    """Learns from pairs. All trainers of a run see the same pairs, batches and updates."""

    @abstractmethod
    def fit(self, encoder: Encoder, pairs: Pairs, corpus: Corpus, seed: int) -> Trained:
        """Train `encoder` in place, and anything else that the method learns."""

    @staticmethod
    def load_router(path: Path) -> Router:
        """Read the router that `fit` returned and that was saved to `path`."""
        raise NotImplementedError("a trainer that returns a router must implement load_router")
