"""A trained encoder, frozen, as the basis of methods that learn only an index."""

import numpy as np
import torch
from torch import nn

from methods.base import Array, Resources
from methods.encoder.declared import Kind
from methods.encoder.encoder import Encoder
from methods.settings import EncoderSettings
from methods.texts import Texts
from methods.trainable_view import TrainableView


class FrozenEncoder(Encoder):
    """An encoder without trainable parts, which embeds each set of texts only once.

    Unlike with encoder.train=frozen, the weights that `load` reads may have been trained, even
    those of the transformer.
    """

    def __init__(self, settings: EncoderSettings, resources: Resources) -> None:
        super().__init__(settings, resources)
        self._vectors: dict[tuple[Kind, str], Array] = {}

    def keep(self, texts: Texts, kind: Kind, vectors: Array) -> None:
        """Keep `vectors` (texts, dimensions) as E(x) of texts that have been embedded before."""
        self._vectors[kind, texts.digest()] = np.array(vectors)

    def embeddings(self, texts: Texts, kind: Kind) -> Array:
        """Return E(x) of every text (texts, dimensions)."""
        key = kind, texts.digest()
        if key not in self._vectors:
            self._vectors[key] = super().embeddings(texts, kind)
        return self._vectors[key]

    def trainable_view(self, texts: Texts, kind: Kind) -> TrainableView:
        """Return what looks up E(x) by positions in `texts`, without gradient."""
        vectors = torch.from_numpy(self.embeddings(texts, kind)).to(self.device)
        return TrainableView(lambda positions: vectors[torch.from_numpy(positions).to(self.device)])

    def _trained_modules(self) -> dict[str, nn.Module]:
        return {}
