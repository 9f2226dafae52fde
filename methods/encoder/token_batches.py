"""Tokenise each training text once, and split batches into pieces of similar length."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from methods.base import Positions
from methods.encoder.declared import Kind
from methods.texts import Texts

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Features = dict[str, Any]
"""The input of a SentenceTransformer: tensors (texts, tokens) and values that are not tensors."""

PIECE_TOKENS = {"cpu": 512, "cuda": 16384}
"""Tokens per piece, with padding: fewer waste less on padding, more keep the device busy.

512 was fastest on one core of an AMD EPYC (Zen 4); the value for a GPU has not been measured.
"""


class TokenBatches:
    """Returns the features of queries or documents by their positions.

    A text is tokenised when it is first needed and kept, since every epoch needs it again.
    """

    def __init__(
        self, transformer: "SentenceTransformer", texts: Texts, kind: Kind, prompt: str
    ) -> None:
        self.kind = kind
        self._transformer = transformer
        self._texts = texts
        self._prompt = prompt
        self._kept: dict[int, NDArray[np.int32]] = {}
        self._names: list[str] = []
        self._others: Mapping[str, Any] = {}

    def pieces(self, positions: Positions, tokens: int) -> Iterator[tuple[Positions, Features]]:
        """Yield the rows of `positions` that are in a piece, and the features of their texts.

        A piece has at most `tokens` tokens with padding, or is a single text. For a static model,
        which needs no padding, everything is one piece.
        """
        new = [int(position) for position in np.unique(positions) if position not in self._kept]
        if new:
            features = self._preprocessed([self._texts[position] for position in new])
            if "attention_mask" not in features:
                texts = [self._texts[int(position)] for position in positions]
                yield np.arange(len(positions)), self._preprocessed(texts)
                return
            self._keep(new, features)
        lengths = np.array([self._kept[int(position)].shape[1] for position in positions])
        for rows in pieces_of_similar_length(lengths, tokens):
            yield rows, self._padded([self._kept[int(positions[row])] for row in rows])

    def _preprocessed(self, texts: list[str]) -> Features:
        features: Features = self._transformer.preprocess(
            texts, prompt=self._prompt, task=self.kind
        )
        return features

    @cached_property
    def _padding(self) -> tuple[dict[str, int], bool]:
        """The padding value of each tensor, and whether padding goes on the left.

        Both are read off a padded text, because a model with towers has several tokenisers.
        """
        features = self._preprocessed(["", "a text of several words"])
        padded = np.flatnonzero(features["attention_mask"][0].numpy() == 0)
        if not len(padded):  # `max_tokens` cuts all texts to one length
            return dict.fromkeys(self._names, 0), False
        fill = {name: int(features[name][0, padded[0]]) for name in self._names}
        return fill, bool(padded[0] == 0)

    def _keep(self, positions: list[int], features: Features) -> None:
        tensors = {n: v.numpy() for n, v in features.items() if isinstance(v, Tensor)}
        self._others = {n: v for n, v in features.items() if n not in tensors}
        self._names = list(tensors)
        real = tensors["attention_mask"] > 0  # not padding
        for row, position in enumerate(positions):
            self._kept[position] = np.stack(
                [matrix[row, real[row]] for matrix in tensors.values()]
            ).astype(np.int32)

    def _padded(self, kept: list[NDArray[np.int32]]) -> Features:
        fill, at_left = self._padding
        width = max(tokens.shape[1] for tokens in kept)
        padded = np.empty((len(self._names), len(kept), width), dtype=np.int64)
        padded[:] = np.array([fill[name] for name in self._names])[:, None, None]
        for row, tokens in enumerate(kept):
            left = width - tokens.shape[1] if at_left else 0
            padded[:, row, left : left + tokens.shape[1]] = tokens
        tensors = dict(zip(self._names, torch.from_numpy(padded), strict=True))
        return {**self._others, **tensors}


def pieces_of_similar_length(lengths: NDArray[np.int64], tokens: int) -> Iterator[Positions]:
    """Yield the rows, longest first, in pieces of at most `tokens` tokens with padding."""
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        end = start + max(1, tokens // int(lengths[order[start]]))
        yield order[start:end]
        start = end
