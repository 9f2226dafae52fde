"""A trained encoder that learns no more, for what is learned upon it."""

import numpy as np
import torch
from torch import nn

from methods.base import Array, Resources
from methods.encoder.encoder import EmbedBatch, Encoder, Kind
from methods.settings import EncoderSettings
from methods.texts import Texts


class FrozenEncoder(Encoder):
    """An encoder of which nothing learns; it embeds each set of texts once and keeps the vectors.

    Other than with encoder.train=frozen, the parts that `load` reads may have been trained, the
    transformer with them.
    """

    def __init__(self, settings: EncoderSettings, resources: Resources) -> None:
        super().__init__(settings, resources)
        self._kept: dict[tuple[Kind, str], Array] = {}

    def keep(self, texts: Texts, kind: Kind, vectors: Array) -> None:
        """Take `vectors` (texts, dimensions) for E(x) of the texts, embedded before."""
        self._kept[kind, texts.digest()] = np.array(vectors)

    def embeddings(self, texts: Texts, kind: Kind) -> Array:
        """Return E(x) of every text (texts, dimensions)."""
        place = kind, texts.digest()
        if place not in self._kept:
            self._kept[place] = super().embeddings(texts, kind)
        return self._kept[place]

    def trainable_view(self, texts: Texts, kind: Kind) -> EmbedBatch:
        """Return a function from positions in `texts` to E(x), which has no gradient."""
        vectors = torch.from_numpy(self.embeddings(texts, kind)).to(self.device)
        return lambda positions: vectors[torch.from_numpy(positions).to(self.device)]

    def _trained_modules(self) -> dict[str, nn.Module]:
        return {}
